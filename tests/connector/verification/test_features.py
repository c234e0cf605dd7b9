"""The services that a data space gives access to."""

from connector.verification.features import SERVICES, access


def granted(*features: str) -> set[str]:
    return {str(row.title) for row in access(features) if row.is_granted}


def test_every_known_service_is_listed_whether_granted_or_not() -> None:
    assert [row.title for row in access(())] == [service.title for service in SERVICES]
    assert granted() == set()


def test_a_feature_grants_its_service() -> None:
    assert granted("Premium Search") == {"Live Search"}
    assert granted("Commerce Payments Sandbox") == {"Payment Services (sandbox)"}


def test_either_name_of_payments_grants_production() -> None:
    assert granted("Commerce Payments") == granted("Commerce Payments Production") == {"Payment Services (production)"}


def test_a_feature_without_a_name_of_ours_is_listed_by_its_own() -> None:
    new = access(("Something New",))[-1]
    assert (new.title, new.in_open_source, new.is_granted) == ("Something New", None, True)


def test_it_knows_which_edition_has_a_service() -> None:
    editions = {str(row.title): row.in_open_source for row in access(())}
    assert editions["Payment Services (sandbox)"]
    assert not editions["Live Search"]
