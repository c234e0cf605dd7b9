"""The switch of PayPal onboarding, beside the fault switch: the gateway then returns what it sets."""

import uuid

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from saas.choices import Onboarding
from saas.models import DataSpace
from tests.addresses import FAULTS
from tests.saas.factories import AccountFactory, ProjectFactory

SWITCH = f"{FAULTS}onboarding/"


def status_of(space: DataSpace) -> str:
    return DataSpace.objects.get(pk=space.pk).onboarding_status


@pytest.mark.parametrize("status", Onboarding)
def test_it_sets_how_far_one_data_space_is(may_switch: None, as_alice: Client, space: DataSpace, status: str) -> None:
    response = as_alice.post(SWITCH, {"data_space": str(space.pk), "status": status})
    assert (response.status_code, response["Location"]) == (302, FAULTS)
    assert f"Luma EU / Production (Production): {status}" in as_alice.get(FAULTS).content.decode()
    assert set(DataSpace.objects.exclude(pk=space.pk).values_list("onboarding_status", flat=True)) == {"CREATED"}


@pytest.mark.usefixtures("may_switch", "space")
def test_it_offers_the_data_spaces_of_the_account_one_works_in(as_alice: Client) -> None:
    ProjectFactory.create(account=AccountFactory.create(organization_name="Venia"), name="Venia EU")
    page = as_alice.get(FAULTS).content.decode()
    assert page.count("Luma EU / ") == 3
    assert "Venia EU" not in page


@pytest.mark.usefixtures("may_switch")
@pytest.mark.parametrize("status", ["", "DONE", "completed"])
def test_it_knows_the_statuses_of_the_real_service(as_alice: Client, space: DataSpace, status: str) -> None:
    response = as_alice.post(SWITCH, {"data_space": str(space.pk), "status": status})
    assert (response.status_code, status_of(space)) == (200, "CREATED")
    assert 'id="id_status_error"' in response.content.decode()


@pytest.mark.usefixtures("may_switch", "space")
def test_it_leaves_the_data_spaces_of_others_alone(as_alice: Client) -> None:
    foreign = ProjectFactory.create().data_spaces.get(position=0)
    for pk in (foreign.pk, uuid.uuid4(), "x"):
        response = as_alice.post(SWITCH, {"data_space": str(pk), "status": "COMPLETED"})
        assert 'id="id_data_space_error"' in response.content.decode()
    assert status_of(foreign) == "CREATED"


def test_without_a_data_space_it_says_what_to_do_first(may_switch: None, as_alice: Client) -> None:
    assert "Create a project in the Admin first" in as_alice.get(FAULTS).content.decode()


def test_without_an_account_there_is_nothing_to_set(as_charlie: Client, charlie: User) -> None:
    charlie.user_permissions.add(Permission.objects.get(codename="change_fault"))
    assert "Create a project in the Admin first" in as_charlie.get(FAULTS).content.decode()
    assert as_charlie.post(SWITCH, {"status": "COMPLETED"}).status_code == 404
