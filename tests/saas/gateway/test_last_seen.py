"""Which instance was last seen on a data space, and which calls count as working in it."""

import re
from typing import Any

import pytest

from saas.models import DataSpace, Project
from tests.saas.conftest import INSTANCE_ID, OTHER_INSTANCE_ID, instance_headers
from tests.saas.gateway.conftest import REGISTRY, Call


def last_instance(call: Call, space: DataSpace) -> Any:
    """Return what the list, which does not count as working there, says about `space`."""
    return next(row for row in call("GET", REGISTRY)[1]["results"] if row["environmentId"] == str(space.pk)).get(
        "lastInstance"
    )


def test_it_names_the_instance_last_seen_on_a_data_space(call: Call, space: DataSpace) -> None:
    call("GET", f"{REGISTRY}/environments/{space.pk}", **instance_headers("Été"))
    seen = last_instance(call, space)
    assert (seen["id"], seen["name"]) == (INSTANCE_ID, "Été")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", seen["seenAt"])


def test_a_row_names_who_was_there_before_the_one_that_asks(call: Call, space: DataSpace) -> None:
    path = f"{REGISTRY}/environments/{space.pk}"
    assert "lastInstance" not in call("GET", path, **instance_headers())[1]
    row = call("GET", path, **instance_headers("Other", OTHER_INSTANCE_ID))[1]
    assert row["lastInstance"]["id"] == INSTANCE_ID
    assert last_instance(call, space)["id"] == OTHER_INSTANCE_ID


@pytest.mark.parametrize("header", ["x-saas-id", "Magento-Environment-Id"])
def test_payments_are_work_in_a_data_space(call: Call, space: DataSpace, header: str) -> None:
    call("GET", "/payments/onboarding/paypal", **{header: str(space.pk)}, **instance_headers())
    assert last_instance(call, space)["id"] == INSTANCE_ID


def test_reading_the_list_or_a_project_occupies_nothing(call: Call, project: Project, space: DataSpace) -> None:
    call("GET", REGISTRY, **instance_headers())
    call("GET", f"{REGISTRY}/projects/{project.pk}", **instance_headers(), **{"Magento-Environment-Id": str(space.pk)})
    assert last_instance(call, space) is None


def test_who_names_no_instance_occupies_nothing(call: Call, space: DataSpace) -> None:
    call("GET", f"{REGISTRY}/environments/{space.pk}")
    call("GET", f"{REGISTRY}/environments/{space.pk}", **instance_headers(instance_id="no uuid"))
    assert last_instance(call, space) is None


def test_nobody_is_seen_on_somebody_elses_data_space(call: Call, foreign_space: DataSpace) -> None:
    call("GET", f"{REGISTRY}/environments/{foreign_space.pk}", **instance_headers())
    foreign_space.refresh_from_db()
    assert foreign_space.last_seen_at is None
