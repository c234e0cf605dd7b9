"""The calls of the gateway: what each answers to a key that was accepted."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from backend.frame.fields import NameField
from saas.errors import ProjectLimitError, RefusalError, not_found, registry_error
from saas.faults import FaultKind, odd_rows
from saas.gateway.access import find_data_space, parse_id, sent_object
from saas.gateway.rows import list_row, row
from saas.limits import MOST_FEATURES
from saas.models import ApiKey, DataSpace, Project


def ping(_request: HttpRequest, _key: ApiKey) -> HttpResponse:
    """Say that the pair is valid, and what this stand-in can do. Unchanged clients read the HTTP status only."""
    return JsonResponse({"status": 200, "standIn": {"onboarding": True, "reports": True}})


def read_registry(_request: HttpRequest, key: ApiKey) -> HttpResponse:
    """List every data space of every project of the key's account."""
    rows = [list_row(space) for space in DataSpace.objects.of(key.account_id)]
    return JsonResponse({"results": odd_rows(rows) if key.fault.kind == FaultKind.ODD_ROW else rows})


def read_project(_request: HttpRequest, key: ApiKey, project_id: str) -> HttpResponse:
    """List the data spaces of one project; no rows mean that the account has no such project."""
    try:
        spaces = list(DataSpace.objects.of(key.account_id).filter(project_id=parse_id(project_id)))
    except RefusalError:
        spaces = []
    return JsonResponse({"status": 200, "results": [list_row(space) for space in spaces]})


def read_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Answer one data space's row."""
    return JsonResponse(row(find_data_space(request, key, environment_id)))


def create_project(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Make a project with its data spaces, if the license of the account allows another."""
    name = sent_name(request, "projectName")
    try:
        project = Project.objects.provision_licensed(key.account, name)
    except ProjectLimitError as exc:
        allowed = "1 project" if exc.limit == 1 else f"{exc.limit} projects"
        message = f"The license of {key.account.mage_id} allows {allowed}, and there is no room for another."
        raise registry_error(409, message) from exc
    spaces = DataSpace.objects.of(key.account_id).filter(project=project)
    return JsonResponse({"results": [list_row(space) for space in spaces]})


def rename_project(request: HttpRequest, key: ApiKey, project_id: str) -> HttpResponse:
    """Give one project another name; its id stays."""
    name = sent_name(request, "projectName")
    if not Project.objects.filter(account=key.account_id, pk=parse_id(project_id)).update(name=name):
        raise not_found()
    return read_project(request, key, project_id)


def rename_data_space(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Give one data space another name; its id stays."""
    name = sent_name(request, "environmentName")
    space = find_data_space(request, key, environment_id)
    space.name = name
    space.save(update_fields=["name", "updated_at"])
    return JsonResponse(row(space))


def set_cloud_id(request: HttpRequest, key: ApiKey, environment_id: str, cloud_id: str) -> HttpResponse:
    """Note which cloud project the data space belongs to."""
    space = find_data_space(request, key, environment_id)
    space.cloud_id = clean_name(cloud_id, "The cloud id")
    space.save(update_fields=["cloud_id", "updated_at"])
    return JsonResponse({"status": 200})


def add_feature(request: HttpRequest, key: ApiKey, environment_id: str, feature: str) -> HttpResponse:
    """Add a feature to the data space: `PREMIUM_SEARCH` becomes *Premium Search*, another spelling stays."""
    space = find_data_space(request, key, environment_id)
    name = clean_name(feature, "The feature")
    if not DataSpace.objects.add_feature(space.pk, name.replace("_", " ").title() if name.isupper() else name):
        raise registry_error(
            409, f"The data space has {MOST_FEATURES} added features, and there is no room for another."
        )
    return JsonResponse({"status": 200})


def clean_up(request: HttpRequest, key: ApiKey, environment_id: str) -> HttpResponse:
    """Reset one data space to the state of a new one; its ids stay."""
    name = sent_name(request, "environmentName")
    space = find_data_space(request, key, environment_id)
    space.clean_up(name)
    return JsonResponse(row(space))


def sent_name(request: HttpRequest, key: str) -> str:
    """Return the name under `key` in the JSON object of the request's body, trimmed.

    Raises:
        RefusalError: the body is no JSON object, or the name is missing, empty, too long or not printable.
    """
    example = f'{{"{key}": "…"}}'
    name = sent_object(request, example).get(key)
    if not isinstance(name, str):
        raise registry_error(400, f'The body has no text "{key}". Send {example}.')
    return clean_name(name, key)


def clean_name(text: str, what: str) -> str:
    """Return `text` trimmed, or raise RefusalError where it is no name; `what` names the value in the error."""
    try:
        name: str = NameField().clean(text)
    except ValidationError as exc:
        raise registry_error(400, f"{what} has to be 1 to 255 printable characters long.") from exc
    return name
