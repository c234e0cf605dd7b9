"""The switch of onboarding, beside the fault switch: the gateway then returns what it sets."""

import uuid

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from saas.choices import Onboarding
from saas.models import DataSpace, Merchant
from tests.addresses import FAULTS
from tests.saas.factories import AccountFactory, ProjectFactory

SWITCH = f"{FAULTS}onboarding/"


def sent(space: DataSpace, **changes: str) -> dict[str, str]:
    return {"data_space": str(space.pk), "environment": "sandbox", "status": "COMPLETED"} | changes


@pytest.mark.parametrize("status", Onboarding)
def test_it_sets_how_far_one_environment_is(may_switch: None, as_alice: Client, space: DataSpace, status: str) -> None:
    response = as_alice.post(SWITCH, sent(space, environment="production", status=status))
    assert (response.status_code, response["Location"]) == (302, FAULTS)
    merchant = Merchant.objects.get()
    assert (merchant.data_space, merchant.environment, merchant.status) == (space, "production", status)
    assert str(merchant.pk) in as_alice.get(FAULTS).content.decode()


@pytest.mark.usefixtures("may_switch")
def test_a_status_says_whether_there_is_a_consent(as_alice: Client, space: DataSpace) -> None:
    facts = {}
    for status in Onboarding:
        as_alice.post(SWITCH, sent(space, status=status))
        merchant = Merchant.objects.get()
        facts[status] = (merchant.has_consent, merchant.is_email_confirmed)
    assert facts == {
        Onboarding.CREATED: (False, False),
        Onboarding.STARTED: (False, False),
        Onboarding.COMPLETED: (True, True),
        Onboarding.UNVERIFIED: (True, False),
        Onboarding.REVOKED: (False, False),
    }


@pytest.mark.usefixtures("may_switch")
def test_e_mail_and_consent_can_be_set_apart(as_alice: Client, space: DataSpace) -> None:
    as_alice.post(SWITCH, sent(space, email="no", consent="no"))
    merchant = Merchant.objects.get()
    assert (merchant.status, merchant.has_consent, merchant.is_email_confirmed) == ("COMPLETED", False, False)


@pytest.mark.usefixtures("may_switch", "space")
def test_it_offers_the_data_spaces_of_the_account_one_works_in(as_alice: Client) -> None:
    ProjectFactory.create(account=AccountFactory.create(organization_name="Venia"), name="Venia EU")
    page = as_alice.get(FAULTS).content.decode()
    assert page.count("Luma EU / ") == 3
    assert "Venia EU" not in page


@pytest.mark.usefixtures("may_switch")
@pytest.mark.parametrize("status", ["", "DONE", "completed"])
def test_it_knows_the_statuses_of_the_real_service(as_alice: Client, space: DataSpace, status: str) -> None:
    response = as_alice.post(SWITCH, sent(space, status=status))
    assert (response.status_code, Merchant.objects.exists()) == (200, False)
    assert 'id="id_status_error"' in response.content.decode()


@pytest.mark.usefixtures("may_switch", "space")
def test_it_leaves_the_data_spaces_of_others_alone(as_alice: Client) -> None:
    foreign = ProjectFactory.create().data_spaces.get(position=0)
    for pk in (foreign.pk, uuid.uuid4(), "x"):
        response = as_alice.post(SWITCH, sent(foreign, data_space=str(pk)))
        assert 'id="id_data_space_error"' in response.content.decode()
    assert not Merchant.objects.exists()


def test_without_a_data_space_it_says_what_to_do_first(may_switch: None, as_alice: Client) -> None:
    assert "Create a project in the Admin first" in as_alice.get(FAULTS).content.decode()


def test_without_an_account_there_is_nothing_to_set(as_charlie: Client, charlie: User) -> None:
    charlie.user_permissions.add(Permission.objects.get(codename="change_fault"))
    assert "Create a project in the Admin first" in as_charlie.get(FAULTS).content.decode()
    assert as_charlie.post(SWITCH, {"status": "COMPLETED"}).status_code == 404
