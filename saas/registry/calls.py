"""The merchant registry's calls: what each answers to a key that was accepted."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from saas.caller import Caller
from saas.choices import Edition, FaultKind
from saas.errors import ProjectLimitError, bad_request, conflict, not_found
from saas.faults import odd_rows
from saas.models import Account, ApiKey, DataSpace, Project
from saas.portal.forms import NameForm

# A row in a list ends here; the row alone carries everything.
LIST_KEYS = 12
# On the wire, hence the same in every language.
EDITION_NAMES = {Edition.ADOBE_COMMERCE: "Adobe Commerce", Edition.OPEN_SOURCE: "Magento Open Source"}
EDITION_FEATURES = {
    Edition.ADOBE_COMMERCE: ["Catalog Service", "Live Search", "Premium Search", "Product Recommendations"],
    Edition.OPEN_SOURCE: [],
}


def ping(_request: HttpRequest, _key: ApiKey) -> HttpResponse:
    """Say that the pair is valid: the status alone tells it."""
    return JsonResponse({"status": 200})


def read_registry(_request: HttpRequest, key: ApiKey) -> HttpResponse:
    """List every data space of every project of the key's account."""
    rows = [list_row(space) for space in DataSpace.objects.of(key.account)]
    is_odd = getattr(key, "fault_kind", None) == FaultKind.ODD_ROW
    return JsonResponse({"results": odd_rows(rows) if is_odd else rows})


def read_project(_request: HttpRequest, key: ApiKey, project_id: str) -> HttpResponse:
    """List the data spaces of one project; what is not the account's own has none, which means *not found*."""
    spaces = DataSpace.objects.of(key.account).filter(project_id=parsed_id(project_id)) if is_id(project_id) else []
    return JsonResponse({"status": 200, "results": [list_row(space) for space in spaces]})


def read_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Answer one data space's row."""
    return JsonResponse(row(seen_data_space(request, key, environment_id)))


def create_project(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Make a project with its data spaces, if the license of the account allows one more."""
    name = sent_name(request, "projectName")
    try:
        project = Project.objects.provision_licensed(key.account, name)
    except ProjectLimitError as exc:
        allowed = "1 project" if exc.limit == 1 else f"{exc.limit} projects"
        message = f"The license of {key.account.mage_id} allows {allowed}, and there is no room for another."
        raise conflict(message) from exc
    spaces = DataSpace.objects.of(key.account).filter(project=project)
    return JsonResponse({"results": [list_row(space) for space in spaces]})


def rename_project(request: HttpRequest, key: ApiKey, project_id: str) -> HttpResponse:
    """Give one project another name; its id stays."""
    name = sent_name(request, "projectName")
    if not Project.objects.filter(account=key.account, pk=parsed_id(project_id)).update(name=name):
        raise not_found()
    return read_project(request, key, project_id)


def rename_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Give one data space another name; its id stays."""
    name = sent_name(request, "environmentName")
    space = seen_data_space(request, key, environment_id)
    space.name = name
    space.save(update_fields=["name", "updated_at"])
    return JsonResponse(row(space))


def set_cloud_id(request: HttpRequest, key: ApiKey, environment_id: str, cloud_id: str) -> HttpResponse:
    """Note which cloud project the data space belongs to."""
    space = seen_data_space(request, key, environment_id)
    space.cloud_id = clean_name(cloud_id, "The cloud id")
    space.save(update_fields=["cloud_id", "updated_at"])
    return JsonResponse({"status": 200})


def add_feature(request: HttpRequest, key: ApiKey, environment_id: str, feature: str) -> HttpResponse:
    """Add a feature to the data space: `PREMIUM_SEARCH` becomes *Premium Search*, another spelling stays."""
    space = seen_data_space(request, key, environment_id)
    name = clean_name(feature, "The feature")
    DataSpace.objects.add_feature(space.pk, name.replace("_", " ").title() if name.isupper() else name)
    return JsonResponse({"status": 200})


def clean_up(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Reset one data space to the state of a new one; its ids stay."""
    name = sent_name(request, "environmentName")
    space = seen_data_space(request, key, environment_id)
    space.clean_up(name)
    return JsonResponse(row(space))


@csrf_exempt
@login_not_required
def other_service(_request: HttpRequest, **_captured: str) -> HttpResponse:
    """Answer for the other services of the real host, which are not part of the gateway; anybody may ask."""
    return not_found().response()


def seen_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> DataSpace:
    """Return the data space as it was before this request, and remember which instance works in it.

    Raises:
        RefusalError: it does not exist, or it is somebody else's; the answer is the same.
    """
    space = own_data_space(key, environment_id)
    space.record_seen(Caller.of(request), timezone.now())
    return space


def own_data_space(key: ApiKey, environment_id: str) -> DataSpace:
    """Return the data space, which must belong to the key's account.

    Raises:
        RefusalError: it does not exist, or it is somebody else's; the answer is the same.
    """
    space = DataSpace.objects.of(key.account).filter(pk=parsed_id(environment_id)).first()
    if space is None:
        raise not_found()
    return space


def is_id(text: str) -> bool:
    """Tell whether `text` is a UUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def parsed_id(text: str) -> uuid.UUID:
    """Return the UUID in `text`.

    Raises:
        RefusalError: there is none, so nothing has this id.
    """
    if not is_id(text):
        raise not_found()
    return uuid.UUID(text)


def sent_name(request: HttpRequest, key: str) -> str:
    """Return the name under `key` in the JSON object of the request's body, trimmed.

    Raises:
        RefusalError: the body is no JSON object, or the name is missing, empty, too long or not printable.
    """
    try:
        body = json.loads(request.body.decode())  # It would guess the encoding of bytes.
    except (ValueError, RecursionError, RequestDataTooBig) as exc:
        message = f'The body is not JSON in UTF-8. Send {{"{key}": "…"}}.'
        raise bad_request(message) from exc
    if not isinstance(body, dict) or not isinstance(body.get(key), str):
        message = f'The body has no text "{key}". Send {{"{key}": "…"}}.'
        raise bad_request(message)
    return clean_name(body[key], key)


def clean_name(text: str, what: str) -> str:
    """Return `text` trimmed, if it is a name. `what` names the value in the error.

    Raises:
        RefusalError: it is empty, longer than 255 characters or not printable.
    """
    form = NameForm({"name": text})
    if not form.is_valid():
        message = f"{what} has to be 1 to 255 printable characters long."
        raise bad_request(message)
    name: str = form.cleaned_data["name"]
    return name


def list_row(space: DataSpace) -> dict[str, Any]:
    """Return the row of `space` as it stands in lists: its first keys, and ours."""
    return dict(list(row(space).items())[:LIST_KEYS]) | last_instance(space)


def row(space: DataSpace) -> dict[str, Any]:
    """Return everything that the registry tells of `space`, in the order of the wire."""
    project, account = space.project, space.project.account
    return {
        "environmentId": str(space.pk),
        "mageId": account.mage_id,
        "imsOrganizationId": account.ims_organization_id,
        "organizationId": str(account.organization_id),
        "organizationName": account.organization_name,
        "projectId": str(project.pk),
        "projectName": project.name,
        "environmentType": space.type,
        "environmentName": space.name,
        "accountGroup": "Merchant",
        "entitlementAuthority": "MAGENTO",
        "accountEntitlements": entitlements(account),
        "featureSet": features(space),
        "cloudId": space.cloud_id,
        "subscriptionEndDate": None,
        "accountSyncStatus": {"status": "Success", "updatedAt": wire_time(space.updated_at)},
        "createdAt": wire_time(space.created_at),
        "updatedAt": wire_time(space.updated_at),
        "hipaa": False,
        **last_instance(space),
    }


def last_instance(space: DataSpace) -> dict[str, Any]:
    """Return who was last seen on `space`, as the one key of a row that is ours; nothing where nobody was."""
    if space.last_seen_at is None:
        return {}
    seen = {"id": str(space.last_seen_instance), "name": space.last_seen_name, "seenAt": wire_time(space.last_seen_at)}
    return {"lastInstance": seen}


def entitlements(account: Account) -> list[str]:
    """Return what the account has bought: its edition, and Payment Services where it is entitled to it."""
    bought = [EDITION_NAMES[Edition(account.edition)]]
    return [*bought, "Payment Services"] if account.is_entitled_to_payments else bought


def features(space: DataSpace) -> list[str]:
    """Return the services that the data space gives access to: by edition, by entitlement, then added ones."""
    account = space.project.account
    names = list(EDITION_FEATURES[Edition(account.edition)])
    if account.in_good_standing and account.payments_sandbox:
        names.append("Commerce Payments Sandbox")
    if account.in_good_standing and account.payments_production:
        names.append("Commerce Payments")
    return [*names, *(name for name in space.extra_features if name not in names)]


def wire_time(moment: datetime) -> str:
    """Return `moment` as ISO 8601 with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
