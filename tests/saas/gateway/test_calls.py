"""What the merchant registry answers, in shapes and words."""

import re
import uuid
from typing import Any

import pytest

from saas.models import Account, DataSpace, Merchant, Project
from tests.saas.gateway.conftest import REGISTRY, Call

LIST_KEYS = [
    "environmentId",
    "mageId",
    "imsOrganizationId",
    "organizationId",
    "organizationName",
    "projectId",
    "projectName",
    "environmentType",
    "environmentName",
    "accountGroup",
    "entitlementAuthority",
    "accountEntitlements",
]
MORE_KEYS = ["featureSet", "cloudId", "subscriptionEndDate", "accountSyncStatus", "createdAt", "updatedAt", "hipaa"]


def assert_not_found(answer: tuple[int, Any]) -> None:
    status, body = answer
    request_id = body.pop("requestId")
    assert (status, len(request_id)) == (404, 32)
    assert body == {"status": 404, "statusText": "Not Found", "message": "Merchant registry not found"}


def test_an_account_without_a_project_has_no_rows(call: Call) -> None:
    assert call("GET", REGISTRY) == (200, {"results": []})


def test_it_lists_the_rows_of_the_keys_own_account_alone(
    call: Call, project: Project, foreign_space: DataSpace
) -> None:
    _status, body = call("GET", REGISTRY)
    assert {row["projectId"] for row in body["results"]} == {str(project.pk)}
    assert str(foreign_space.pk) not in {row["environmentId"] for row in body["results"]}


def test_a_row_in_a_list_carries_twelve_keys(call: Call, space: DataSpace, account: Account) -> None:
    _status, body = call("GET", REGISTRY)
    row = body["results"][0]
    assert list(row) == LIST_KEYS
    assert (row["environmentId"], row["mageId"]) == (str(space.pk), account.mage_id)


def test_a_row_alone_carries_them_all(call: Call, space: DataSpace) -> None:
    status, row = call("GET", f"{REGISTRY}/environments/{space.pk}")
    assert (status, list(row)) == (200, LIST_KEYS + MORE_KEYS)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["createdAt"])
    assert row["accountSyncStatus"] == {"status": "Success", "updatedAt": row["updatedAt"]}


def test_it_lists_one_project(call: Call, project: Project) -> None:
    status, body = call("GET", f"{REGISTRY}/projects/{project.pk}")
    assert (status, body["status"]) == (200, 200)
    assert [row["environmentType"] for row in body["results"]] == ["Production", "Testing", "Testing"]


def test_an_unknown_project_and_somebody_elses_have_no_rows(call: Call, foreign_space: DataSpace) -> None:
    for project_id in ("not-an-id", uuid.uuid4(), foreign_space.project_id):
        assert call("GET", f"{REGISTRY}/projects/{project_id}") == (200, {"status": 200, "results": []})


@pytest.mark.parametrize(
    ("edition", "entitled", "types"),
    [
        ("adobe_commerce", False, ["Production", "Testing", "Testing"]),
        ("adobe_commerce", True, ["Production", "Testing", "Testing"]),
        ("open_source", False, ["Production"]),
        ("open_source", True, ["Production", "Testing", "Testing"]),
    ],
)
def test_a_new_project_has_the_data_spaces_of_its_edition(
    call: Call, account: Account, edition: str, *, entitled: bool, types: list[str]
) -> None:
    Account.objects.filter(pk=account.pk).update(edition=edition, payments_sandbox=entitled)
    status, body = call("POST", f"{REGISTRY}/initialize", {"projectName": "  Luma US "})
    assert (status, [row["environmentType"] for row in body["results"]]) == (200, types)
    assert {row["projectName"] for row in body["results"]} == {"Luma US"}


def test_a_license_allows_one_project_unless_it_says_more(call: Call, account: Account, project: Project) -> None:
    status, body = call("POST", f"{REGISTRY}/initialize", {"projectName": "Luma US"})
    assert len(body.pop("requestId")) == 32
    assert "allows 1 project" in body.pop("message")
    assert (status, body) == (409, {"status": 409, "statusText": "Conflict"})
    Account.objects.filter(pk=account.pk).update(project_limit=2)
    assert call("POST", f"{REGISTRY}/initialize", {"projectName": "Luma US"})[0] == 200
    assert "allows 2 projects" in call("POST", f"{REGISTRY}/initialize", {"projectName": "Luma UK"})[1]["message"]
    assert Project.objects.exclude(pk=project.pk).get().name == "Luma US"


def test_the_projects_of_another_account_do_not_count(call: Call, foreign_space: DataSpace) -> None:
    assert foreign_space.project.account.project_limit == 1
    assert call("POST", f"{REGISTRY}/initialize", {"projectName": "Luma US"})[0] == 200


def test_it_renames_a_project_and_keeps_its_id(call: Call, project: Project) -> None:
    _status, body = call("PATCH", f"{REGISTRY}/projects/{project.pk}", {"projectName": "Luma UK"})
    assert {(row["projectId"], row["projectName"]) for row in body["results"]} == {(str(project.pk), "Luma UK")}


def test_it_renames_a_data_space_and_keeps_its_id(call: Call, space: DataSpace) -> None:
    _status, row = call("PATCH", f"{REGISTRY}/environments/{space.pk}", {"environmentName": "Live"})
    assert (row["environmentId"], row["environmentName"]) == (str(space.pk), "Live")


def test_it_notes_a_cloud_id(call: Call, space: DataSpace) -> None:
    path = f"{REGISTRY}/environments/{space.pk}"
    assert call("PUT", f"{path}/cloudid/abc123") == (200, {"status": 200})
    assert call("GET", path)[1]["cloudId"] == "abc123"


def test_it_adds_a_feature_once(call: Call, space: DataSpace) -> None:
    path = f"{REGISTRY}/environments/{space.pk}"
    assert call("PUT", f"{path}/feature/Data%20Export") == (200, {"status": 200})
    call("PUT", f"{path}/feature/Data%20Export")
    assert call("GET", path)[1]["featureSet"].count("Data Export") == 1


def test_a_data_space_has_room_for_a_hundred_added_features(call: Call, space: DataSpace) -> None:
    DataSpace.objects.filter(pk=space.pk).update(extra_features=[f"Feature {number}" for number in range(99)])
    path = f"{REGISTRY}/environments/{space.pk}/feature"
    assert call("PUT", f"{path}/Export")[0] == 200
    status, answer = call("PUT", f"{path}/Import")
    expected = "The data space has 100 added features, and there is no room for another."
    assert (status, answer["message"]) == (409, expected)
    assert call("PUT", f"{path}/Export")[0] == 200


def test_a_feature_is_listed_by_its_name(call: Call, account: Account, space: DataSpace) -> None:
    Account.objects.filter(pk=account.pk).update(edition="open_source", payments_sandbox=False)
    path = f"{REGISTRY}/environments/{space.pk}"
    call("PUT", f"{path}/feature/PREMIUM_SEARCH")
    assert call("GET", path)[1]["featureSet"] == ["Premium Search"]


def test_a_cleaned_data_space_keeps_its_ids_and_loses_the_rest(call: Call, space: DataSpace) -> None:
    path = f"{REGISTRY}/environments/{space.pk}"
    call("PUT", f"{path}/cloudid/abc123")
    call("PUT", f"{path}/feature/Export")
    Merchant.objects.create(data_space=space, environment="sandbox", status="COMPLETED")
    status, row = call("POST", f"{path}/cleanup", {"environmentName": "Fresh"})
    assert (status, row["environmentId"], row["environmentName"]) == (200, str(space.pk), "Fresh")
    assert not Merchant.objects.exists()
    assert (row["cloudId"], "Export" in row["featureSet"]) == ("", False)


def test_features_follow_edition_and_entitlement(call: Call, account: Account, space: DataSpace) -> None:
    path = f"{REGISTRY}/environments/{space.pk}"
    assert "Commerce Payments Sandbox" in call("GET", path)[1]["featureSet"]
    assert "Premium Search" in call("GET", path)[1]["featureSet"]
    Account.objects.filter(pk=account.pk).update(edition="open_source", payments_production=True)
    assert call("GET", path)[1]["featureSet"] == ["Commerce Payments Sandbox", "Commerce Payments"]


def test_an_account_not_in_good_standing_has_no_payments(call: Call, account: Account, space: DataSpace) -> None:
    Account.objects.filter(pk=account.pk).update(in_good_standing=False)
    row = call("GET", f"{REGISTRY}/environments/{space.pk}")[1]
    assert not [name for name in row["featureSet"] if "Payments" in name]
    assert "Payment Services" not in row["accountEntitlements"]


@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"environmentName": "x"}),
        ("PUT", "/cloudid/x", None),
        ("PUT", "/feature/x", None),
        ("POST", "/cleanup", {"environmentName": "x"}),
    ],
)
def test_somebody_elses_data_space_is_not_found(
    call: Call, foreign_space: DataSpace, method: str, suffix: str, body: Any
) -> None:
    for environment_id in (foreign_space.pk, uuid.uuid4(), "nothing"):
        assert_not_found(call(method, f"{REGISTRY}/environments/{environment_id}{suffix}", body))


def test_somebody_elses_project_cannot_be_renamed(call: Call, foreign_space: DataSpace) -> None:
    assert_not_found(call("PATCH", f"{REGISTRY}/projects/{foreign_space.project_id}", {"projectName": "x"}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", REGISTRY),
        ("GET", f"{REGISTRY}/initialize"),
        ("DELETE", f"{REGISTRY}/projects/x"),
        ("PUT", f"{REGISTRY}/environments/x"),
        ("GET", f"{REGISTRY}/environments/x/cleanup"),
        ("PUT", "/payments/onboarding/paypal"),
        ("GET", "/payments/admin/merchant"),
    ],
)
def test_it_refuses_the_wrong_method(call: Call, method: str, path: str) -> None:
    assert call(method, path)[0] == 405


def test_every_call_works_below_the_gateway_of_its_environment(call: Call, project: Project) -> None:
    for base in ("", "/gateway/sandbox"):
        assert call("GET", f"{base}{REGISTRY}/projects/{project.pk}")[1]["results"]
