"""What was typed into a form, kept in the browser while its person signs in again.

A form sent without a session is not saved. `keep` puts what `FORMS` names of it into a signed cookie for its page
alone, and the page's view puts it back with `request.restore(form)`: the views of every app find that method there.
It is for the person whose session it was. Where nobody can tell any more whose, nothing that gives access is kept.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import signing
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from backend.frame.leaks import holds_key

LASTS_S = 30 * 60
# Browsers drop a cookie of more than 4096 characters without a word.
MAX_CHARACTERS = 3500
_WORD = re.compile(r"[A-Za-z0-9_-]{0,40}", re.ASCII)
# A line of a private key has 64 characters, and most other secrets are one long word, too.
_SECRET = re.compile(r"-----|[A-Za-z0-9+/=_-]{41}", re.ASCII)
_LINE_LENGTH = 255


@dataclass(frozen=True)
class Keepable:
    """The fields of a form that are kept; whatever is not named is not. Passwords, private keys and tokens never are.

    `words` take one short word each, such as an id or a choice; `lines` take what people call their things. A value
    that is something else is not kept either: a secret may stand in the wrong field. What was typed goes back only into
    a form that shows the same in the fields of `same`. Those of `powers` give access: they are kept only for a person
    who is known.
    """

    words: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()

    def fields(self, person: str) -> tuple[str, ...]:
        """Return the fields that are put back for `person`, who is empty where nobody knows who it was."""
        return tuple(name for name in (*self.words, *self.lines) if person or name not in self.powers)


_PERSON = Keepable(
    words=("is_active", "is_superuser", "groups"),
    lines=("username", "first_name", "last_name", "email"),
    powers=("is_active", "is_superuser", "groups"),
)
_ROLE = Keepable(words=("access",), lines=("name", "resources"), powers=("access", "resources"))
_PROJECT_NAME = Keepable(lines=("project_name",))
# By the name of the view, which shows the same form at the same address.
FORMS = {
    "account_setting": Keepable(lines=("first_name", "last_name", "email"), same=("whose",)),
    "admin:auth_group_add": _ROLE,
    "admin:auth_group_change": _ROLE,
    "admin:auth_user_add": _PERSON,
    "admin:auth_user_change": _PERSON,
    "connector:configuration": Keepable(
        words=("revision", "active_environment", "sandbox_api_key", "production_api_key", "project_id", "data_space_id")
    ),
    "connector:create_project": _PROJECT_NAME,
    "connector:rename_data_space": Keepable(lines=("data_space_name",)),
    "connector:rename_instance": Keepable(lines=("instance_name",)),
    "connector:rename_project": _PROJECT_NAME,
    "saas:api_portal": Keepable(words=("environment",), lines=("name",)),
    "saas:create_account": Keepable(
        words=("edition", "payments_sandbox", "payments_production"), lines=("organization_name",)
    ),
    "saas:faults": Keepable(words=("kind", "seconds"), same=("environment",)),
}


def of(request: HttpRequest) -> Keepable | None:
    """Return what is kept of a form that is sent to the page of `request`, None where nothing is."""
    return FORMS.get(request.resolver_match.view_name) if request.resolver_match else None


def keep(request: HttpRequest, response: HttpResponse) -> bool:
    """Give the browser what `request` sent and `FORMS` names; return whether it is kept."""
    keepable = of(request)
    if keepable is None or request.method != "POST":
        return False
    person = _sender(request)
    if person is None:
        return False
    kept = {"person": person, "typed": _sent(keepable, request.POST, person)}
    value = signing.dumps(kept, salt=_salt(request), compress=True)
    if len(value) > MAX_CHARACTERS:
        return False
    response.set_cookie(
        cookie(request),
        value,
        max_age=LASTS_S,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return True


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let the views put back what was typed, once: the cookie goes with the answer that shows it."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        shown: list[BaseForm] = []

        def restore(form: BaseForm) -> None:
            if not form.is_bound and _restore(request, form):
                shown.append(form)

        request.restore = restore  # type: ignore[attr-defined]  # the views declare it
        response = get_response(request)
        if shown:
            response.delete_cookie(cookie(request), path=request.path, samesite="Strict")
        return response

    return handle


def cookie(request: HttpRequest) -> str:
    """Return the name of the cookie for the page of `request`; a page below another one needs its own."""
    return f"kept_{request.resolver_match.url_name}" if request.resolver_match else ""


def _salt(request: HttpRequest) -> str:
    return f"config.kept:{request.path}"


def _sender(request: HttpRequest) -> str | None:
    """Return the id of the person whose session `request` came with, None where it came with nobody's.

    A session that ended by its time can still be read until it is cleared; of one that is gone, the person is unknown
    and the id empty.
    """
    if request.user.is_authenticated:
        return str(request.user.pk)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    ended = Session.objects.filter(session_key=key).first()
    return ended.get_decoded().get(SESSION_KEY) if ended else ""


def _sent(keepable: Keepable, data: QueryDict, person: str) -> dict[str, list[str]]:
    """Return the values that are kept for `person`, without those that may be a secret."""
    checks = dict.fromkeys((*keepable.words, *keepable.same), _is_word) | dict.fromkeys(keepable.lines, _is_line)
    names = (*keepable.fields(person), *keepable.same)
    sent = {name: [value.strip() for value in data.getlist(name)] for name in names}
    return {name: values for name, values in sent.items() if values and all(map(checks[name], values))}


def _is_word(value: str) -> bool:
    return bool(_WORD.fullmatch(value)) and not holds_key(value)


def _is_line(value: str) -> bool:
    return len(value) <= _LINE_LENGTH and value.isprintable() and not _SECRET.search(value)


def _restore(request: HttpRequest, form: BaseForm) -> bool:
    """Show in `form` what its person had sent within the last 30 minutes; return whether there was something for it."""
    keepable = of(request)
    try:
        kept = signing.loads(request.COOKIES.get(cookie(request), ""), salt=_salt(request), max_age=LASTS_S)
    except signing.BadSignature:
        return False
    person, values = kept["person"], kept["typed"]
    if keepable is None or person not in {"", str(request.user.pk)}:
        return False
    if any(values.get(name) != [_shown(form, name)] for name in keepable.same):
        return False
    sent = QueryDict(mutable=True)
    for name, typed in values.items():
        sent.setlist(name, typed)
    for name in keepable.fields(person):
        field = form.fields.get(name)
        # What is locked stays as it is stored, and so does what was not kept.
        if field and not field.disabled and not field.widget.value_omitted_from_data(sent, {}, name):
            form.initial[name] = field.widget.value_from_datadict(sent, {}, name)
    form.is_restored = True  # type: ignore[attr-defined]  # the templates say so
    return True


def _shown(form: BaseForm, name: str) -> Any:
    return str(form.get_initial_for_field(form.fields[name], name))
