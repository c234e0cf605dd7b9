"""The connector and the stand-in of Commerce Services, talking HTTP to each other as two programs would."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from connector import connection
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.models import Instance
from connector.verification.causes import Cause
from saas.faults import FaultKind
from saas.models import Account, ApiKey, DataSpace, Fault, Project
from tests.addresses import CONFIGURATION, PAYMENT_SERVICES
from tests.factories import failed_check
from tests.gateways import PRODUCTION, SANDBOX
from tests.markup import sent, text
from tests.payments.conftest import Issue
from tests.saas.factories import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)


def save(client: Client, pair: Credentials, environment: Environment = SANDBOX) -> str:
    return text(client.post(CONFIGURATION, sent(pair, environment), follow=True))


@pytest.fixture
def saved(as_alice: Client, issue: Issue, pair: Credentials) -> ApiKey:
    """Save a pair for the sandbox that the stand-in knows."""
    key = issue(SANDBOX, pair)
    save(as_alice, pair)
    return key


def test_the_journey_ends_connected(as_alice: Client, issue: Issue, account: Account, pair: Credentials) -> None:
    issue(SANDBOX, pair)
    assert "Sandbox: the key pair was verified." in save(as_alice, pair)
    as_alice.post(f"{CONFIGURATION}create-project/", {"project_name": "Shop"})
    stored = connection.load()
    assert [space.project_name for space in stored.data_spaces] == 3 * ["Shop"]
    as_alice.post(CONFIGURATION, {"data_space_id": stored.data_spaces[1].id})
    said = text(as_alice.get(PAYMENT_SERVICES))
    assert all(fact in said for fact in ("Connected", account.mage_id, "Fabrikam", "Shop", "Testing 1 (Testing)"))
    assert "Sandbox onboarding" in said


def choose(client: Client, space: DataSpace) -> str:
    return text(
        client.post(CONFIGURATION, {"project_id": str(space.project_id), "data_space_id": str(space.pk)}, follow=True)
    )


def test_the_portal_learns_which_instance_uses_a_key(saved: ApiKey) -> None:
    saved.refresh_from_db()
    assert saved.last_used_instance == connection.load().instance.instance_id
    assert saved.last_used_name == connection.load().identity.name


def test_a_data_space_is_occupied_once_it_is_saved(saved: ApiKey, as_alice: Client, account: Account) -> None:
    space, other = Project.objects.provision(account, "Shop").data_spaces.order_by("position")[:2]
    choose(as_alice, space)
    space.refresh_from_db()
    other.refresh_from_db()
    assert space.last_seen_instance == connection.load().instance.instance_id
    assert other.last_seen_at is None


@pytest.mark.usefixtures("saved")
def test_a_data_space_is_not_occupied_by_a_save_that_is_refused(as_alice: Client, account: Account) -> None:
    space = Project.objects.provision(account, "Shop").data_spaces.get(position=0)
    wanted = {"project_id": "0b7c1d8e-0000-4000-8000-000000000001", "data_space_id": str(space.pk)}
    said = text(as_alice.post(CONFIGURATION, wanted))
    assert "does not belong to the account of the active key pair" in said
    space.refresh_from_db()
    assert space.last_seen_at is None


@pytest.mark.usefixtures("saved")
def test_who_works_in_a_data_space_is_known_to_another_instance(as_alice: Client, account: Account) -> None:
    space = Project.objects.provision(account, "Shop").data_spaces.get(position=0)
    choose(as_alice, space)
    first = connection.load().identity
    Instance.objects.update(instance_id=uuid.uuid4(), data_space_id="", project_id="")
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    stored = connection.load()
    (seen,) = [known for known in stored.data_spaces if known.id == str(space.pk)]
    occupant = seen.occupant(stored.identity.instance_id, timezone.now())
    assert occupant is not None
    assert (occupant.id, occupant.name) == (first.instance_id, first.name)


@pytest.mark.usefixtures("saved")
def test_a_project_beyond_the_license_is_refused_in_plain_words(as_alice: Client, account: Account) -> None:
    Project.objects.provision(account, "Made by another instance")
    said = text(as_alice.post(f"{CONFIGURATION}create-project/", {"project_name": "Shop"}, follow=True))
    assert "this account has 1 project, and its license allows no more" in said
    assert "Made by another instance" in said
    assert Project.objects.count() == 1


def test_renaming_reaches_the_other_side(saved: ApiKey, as_alice: Client) -> None:
    as_alice.post(f"{CONFIGURATION}create-project/", {"project_name": "Shop"})
    before = connection.load()
    as_alice.post(f"{CONFIGURATION}rename-project/", {"project_name": "Shop & Söhne"})
    stored = connection.load()
    assert (stored.project_name, stored.project_id) == ("Shop & Söhne", before.project_id)
    assert {space.project_name for space in stored.data_spaces} == {"Shop & Söhne"}


def test_a_key_that_is_deleted_later_opens_the_dialog(as_alice: Client, saved: ApiKey) -> None:
    saved.delete_at(timezone.now())
    as_alice.post(f"{PAYMENT_SERVICES}verify/")
    assert connection.load().active.cause is Cause.KEY_REVOKED
    assert 'id="verification-error"' in as_alice.get(PAYMENT_SERVICES).content.decode()


def test_a_pair_in_the_wrong_section_is_moved_with_one_button(
    as_alice: Client, issue: Issue, pair: Credentials
) -> None:
    issue(PRODUCTION, pair)
    save(as_alice, pair)
    assert connection.load().active.cause is Cause.WRONG_ENVIRONMENT
    as_alice.post(f"{CONFIGURATION}move-pair/", {"environment": "sandbox"})
    stored = connection.load()
    assert stored.active_environment is PRODUCTION
    assert stored.active.is_verified


def test_the_stand_in_has_no_data_space_of_another_account(
    saved: ApiKey, as_alice: Client, issue: Issue, pair: Credentials, other_pair: Credentials
) -> None:
    as_alice.post(f"{CONFIGURATION}create-project/", {"project_name": "Shop"})
    as_alice.post(CONFIGURATION, {"data_space_id": connection.load().data_spaces[1].id})
    other: Account = AccountFactory.create(organization_name="Somebody Else")
    issue(SANDBOX, other_pair, other)
    assert "does not belong to their account" in save(as_alice, other_pair)
    assert connection.load().active.credentials == pair
    assert connection.load().is_connected


def test_halves_of_two_pairs_are_found_out(
    as_alice: Client, issue: Issue, pair: Credentials, other_pair: Credentials
) -> None:
    issue(SANDBOX, pair)
    save(as_alice, Credentials(pair.api_key, other_pair.private_key))
    assert connection.load().active.cause is Cause.PAIR_MISMATCH


@pytest.mark.usefixtures("issue")
def test_a_key_that_nobody_made_is_unknown(as_alice: Client, pair: Credentials) -> None:
    save(as_alice, pair)
    assert connection.load().active.cause is Cause.API_KEY_UNKNOWN


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (FaultKind.LIMITED, Cause.RATE_LIMITED),
        (FaultKind.SERVER_ERROR, Cause.GATEWAY_ERROR),
        (FaultKind.GARBAGE, Cause.GATEWAY_ERROR),
        (FaultKind.MAINTENANCE, Cause.GATEWAY_ERROR),
        (FaultKind.FORBIDDEN_PAGE, Cause.GATEWAY_ERROR),
    ],
)
@pytest.mark.usefixtures("saved")
def test_a_fault_of_the_gateway_is_no_fault_of_the_keys(as_alice: Client, kind: str, cause: Cause) -> None:
    Fault.objects.switch("sandbox", kind, 60)
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    slot = connection.load().active
    assert slot.is_verified
    assert failed_check() is cause


def test_a_pair_that_is_refused_without_a_reason_is_rejected(saved: ApiKey, as_alice: Client) -> None:
    Fault.objects.switch("sandbox", FaultKind.REFUSED, 0)
    as_alice.post(f"{PAYMENT_SERVICES}verify/")
    slot = connection.load().active
    assert slot.cause is Cause.REFUSED
    assert slot.verification
    assert f"(status 403, request id {slot.verification.request_id})" in text(as_alice.get(PAYMENT_SERVICES))


def test_odd_rows_of_the_registry_are_shown_and_counted(saved: ApiKey, as_alice: Client) -> None:
    as_alice.post(f"{CONFIGURATION}create-project/", {"project_name": "Shop"})
    Fault.objects.switch("sandbox", FaultKind.ODD_ROW, 0)
    as_alice.post(f"{CONFIGURATION}verify/", {"environment": "sandbox"})
    said = text(as_alice.get(CONFIGURATION))
    assert "(Unheard of)" in said
    assert "1 data space of this account is not listed" in said
