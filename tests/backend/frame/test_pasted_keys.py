"""A part of a private key, pasted where none belongs, is refused there and found nowhere again."""

import logging
import re
from base64 import b64encode
from itertools import cycle
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from backend.audit.action_log import record
from backend.audit.actions import Action as LogAction
from backend.audit.models import LoggedAction
from connector.action_log import Action
from connector.gateway.client import Credentials
from connector.models import Instance
from saas.models import ApiKey
from tests.addresses import ACTION_LOG, CONFIGURATION, LOGIN, PORTAL, SEARCH, USERS
from tests.backend.frame.forms_of import Form, forms_of
from tests.backend.frame.pages import addresses, fill, filled_in
from tests.backend.frame.witness import Witness
from tests.factories import connect, dump, store
from tests.gateways import PRODUCTION, SANDBOX, Outside
from tests.markup import field_error, form_of, shown_value, text

pytestmark = pytest.mark.django_db
SIGN_OUT = "/admin/logout/"
PARAMETERS = ("q", "page", "sort", "per_page", "person", "action", "start", "active", "role", "next", "later", "other")
# Valid values, so that a form is refused because of the key alone.
TYPED = {"username": "erin", "password": "mellon-1", "password_again": "mellon-1", "present_password": "mellon-1"}
SAID = "This looks like part of a private key"


@pytest.fixture(scope="module")
def ways(pair: Credentials) -> dict[str, str]:
    """The parts of a key that people copy."""
    pem = pair.private_key.pem
    lines = pem.splitlines()
    body = "".join(lines[1:-1])
    return {
        "a line": lines[7],
        "the first line": lines[0],
        "its end": body[-40:],
        "from the middle": body[700:740],
        "in a sentence": f"My key is {lines[5]}, is it?",
        "all of it": pem,
        "all of it in base64": b64encode(pem.encode()).decode(),
    }


@pytest.fixture
def line(ways: dict[str, str]) -> str:
    return ways["a line"]


@pytest.fixture
def witness(as_alice: Client, all_logs: pytest.LogCaptureFixture) -> Witness:
    return Witness(as_alice, all_logs)


@pytest.fixture
def every_page(witness: Witness, alice: User, bob: User, pair: Credentials, outside: Outside) -> list[str]:
    """Fill every page of the site, and return the addresses."""
    alice.set_password(TYPED["present_password"])
    alice.save()
    witness.client.force_login(alice)
    store(SANDBOX, pair)
    connect(pair)
    store(PRODUCTION, pair)
    fill(alice)
    return [page for address in addresses() for page in filled_in(address) if page != SIGN_OUT]


def every_form(client: Client, pages: list[str]) -> list[Form]:
    """Return each form of the site once."""
    answers = [Client().get(LOGIN), *map(client.get, pages)]
    shown = (answer for answer in answers if answer.status_code == 200 and "html" in answer["Content-Type"])
    forms = (form for page in shown for form in forms_of(page) if form.action != SIGN_OUT)
    return list({(form.action, *form.fields): form for form in forms}.values())


def lost_session() -> Client:
    client = Client()
    client.cookies["sessionid"] = "a" * 32
    return client


def unseen(witness: Witness, ways: dict[str, str]) -> bool:
    body = "".join(ways["all of it"].splitlines()[1:-1])
    return not witness.parts_seen(body, ways["all of it in base64"])


def test_a_part_of_a_key_in_any_field_is_refused_and_nowhere(
    witness: Witness, every_page: list[str], ways: dict[str, str], line: str
) -> None:
    forms, way, silent = every_form(witness.client, every_page), cycle(ways.values()), []
    assert len(forms) > 25
    for form in forms:
        cache.clear()
        client = Client() if form.action == LOGIN else witness.client
        send = client.post if form.method == "post" else client.get
        witness.answers.append(send(form.action, dict.fromkeys(form.fields, next(way))))
        witness.answers.append(lost_session().post(form.action, dict.fromkeys(form.fields, line)))
        for name in form.fields:
            answer: Any = send(form.action, form.fields | TYPED | {name: line})
            witness.answers.append(answer)
            if name in form.typed and not name.endswith(("api_key", "private_key")) and SAID not in text(answer):
                silent.append((form.action, name))
    assert silent == []
    assert unseen(witness, ways)


def test_a_part_of_a_key_in_any_address_is_nowhere(
    witness: Witness, every_page: list[str], ways: dict[str, str], line: str
) -> None:
    way = cycle(ways.values())
    for page in every_page:
        part = next(way)
        query = QueryDict(mutable=True)
        query.update(dict.fromkeys(PARAMETERS, part) | {part: "1"})
        referer = f"http://testserver{page}?{query.urlencode()}"
        witness.answers.append(witness.client.get(f"{page}?{query.urlencode()}", headers={"referer": referer}))
        witness.answers.append(Client().get(f"{page}?{query.urlencode()}", headers={"referer": referer}))
    for page in (f"/{line}/", f"/admin/help/{line}", f"{USERS}{line}/change/", f"{CONFIGURATION}restore/{line}/"):
        witness.answers += [witness.client.get(page), Client().get(page), witness.client.post(page)]
    assert unseen(witness, ways)


def test_a_key_in_a_referer_that_is_no_address_is_dropped(client: Client, line: str) -> None:
    for referer in (f"http://[{line}/", f"http://[::1/{line}"):
        answer = client.get(LOGIN, headers={"referer": referer})
        assert (answer.status_code, answer.wsgi_request.META["HTTP_REFERER"]) == (200, "")


@pytest.mark.parametrize("name", ["project_id", "data_space_id"])
def test_an_id_that_may_be_part_of_a_key_is_not_logged_for_good(
    as_alice: Client, accepted: None, connected: None, name: str, ways: dict[str, str]
) -> None:
    sent = form_of(as_alice.get(CONFIGURATION))
    before = dump(with_log=True)
    for part in ways.values():
        answer = as_alice.post(CONFIGURATION, sent | {name: part})
        assert SAID in field_error(answer, name)
        assert shown_value(answer, name) == sent[name]
    assert dump(with_log=True) == before


@pytest.mark.parametrize("typed", ["no id", "a/b", "../x", "<b>", "x" * 65, "\0", "ümlaut"])
def test_what_is_no_id_is_not_logged(as_alice: Client, connected: None, typed: str) -> None:
    before = dump(with_log=True)
    answer = as_alice.post(CONFIGURATION, form_of(as_alice.get(CONFIGURATION)) | {"project_id": typed})
    assert field_error(answer, "project_id")
    assert dump(with_log=True) == before


def test_a_part_of_a_key_in_an_api_key_field_is_not_sent_back(as_alice: Client, ways: dict[str, str]) -> None:
    part = re.sub("[^A-Za-z0-9]", "", ways["all of it"])[900:940]
    assert shown_value(as_alice.post(CONFIGURATION, {"sandbox_api_key": part}), "sandbox_api_key") == ""


def test_a_field_that_held_a_part_of_a_key_is_empty_and_marked(as_alice: Client, line: str) -> None:
    page = as_alice.post(f"{USERS}add/", {"username": "erin", "last_name": line}).content.decode()
    field = next(tag for tag in page.split("<input ") if 'name="last_name"' in tag)
    assert 'aria-invalid="true"' in field
    assert "value=" not in field.split(">")[0]


def test_a_refused_part_of_a_key_takes_nothing_away(as_alice: Client, bob: User, line: str) -> None:
    User.objects.filter(pk=bob.pk).update(last_name="Builder")
    as_alice.post(f"{USERS}{bob.pk}/change/", {"username": "bob", "last_name": line, "is_active": "on"})
    bob.refresh_from_db()
    assert bob.last_name == "Builder"


def test_a_key_as_a_user_name_is_no_try_to_sign_in(client: Client, alice: User, line: str) -> None:
    page = client.post(LOGIN, {"login": line, "password": "x"})
    assert SAID in text(page)
    assert not LoggedAction.objects.exists()


def test_the_links_of_a_refused_search_go_on_without_it(as_alice: Client, line: str) -> None:
    for path in (ACTION_LOG, USERS):
        page = as_alice.get(path, {"q": line, "per_page": "50"}).content.decode()
        assert 'href="?per_page=50&amp;sort=' in page
        assert "withheld" not in page


def test_nothing_is_exported_or_logged_with_a_key_in_a_filter(as_alice: Client, line: str) -> None:
    answer = as_alice.get(f"{ACTION_LOG}export/", {"q": line, "person": line, "result": "done"})
    assert (answer.status_code, answer["Location"]) == (302, f"{ACTION_LOG}?result=done")
    assert not LoggedAction.objects.filter(action=LogAction.LOG_EXPORTED).exists()


def test_the_language_is_switched_on_a_page_whose_address_held_a_key(as_alice: Client, line: str) -> None:
    sent = {"language": "fr", "next": f"{SEARCH}?q={line}"}
    answer = as_alice.post(reverse("set_language"), sent, headers={"referer": f"http://testserver{SEARCH}?q={line}"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/")


def test_what_the_portal_names_a_key_is_no_key(as_alice: Client, alice: User, line: str) -> None:
    fill(alice)
    page = as_alice.post(PORTAL, {"environment": "sandbox", "name": f"Shop {line}"})
    assert SAID in field_error(page, "id_name")
    assert ApiKey.objects.count() == 1


def test_the_log_keeps_no_key_in_any_column(line: str) -> None:
    record(Action.PROJECT_RENAMED, f"Shop {line}", before=f"name: {line}", after=f"name: {line}")
    row = LoggedAction.objects.get()
    assert (row.subject, row.before, row.after) == ("Shop …", "name: …", "name: …")


@pytest.mark.parametrize("name", ["", "django", "django.server"])
def test_the_server_writes_no_key_into_its_log(name: str, line: str) -> None:
    handler = next(handler for handler in logging.getLogger(name).handlers if type(handler) is logging.StreamHandler)
    request = logging.LogRecord(name, logging.INFO, "", 0, '"GET %s HTTP/1.1" %s', (f"{SEARCH}?q={line}", 200), None)
    error = ValueError(line)
    failure = logging.LogRecord(name, logging.ERROR, "", 0, "Failed", (), (ValueError, error, None))
    assert handler.format(request).endswith('"GET /admin/search/?q=… HTTP/1.1" 200')
    assert handler.format(failure).endswith("ValueError: …")


def test_the_witness_would_notice_a_part(witness: Witness, line: str, ways: dict[str, str]) -> None:
    Instance.objects.current()
    Instance.objects.update(project_name=f"Shop {line[10:31]}")
    assert not unseen(witness, ways)
