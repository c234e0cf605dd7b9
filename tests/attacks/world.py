"""What attackers work with: people's sessions, every address, every form, and a key that signs calls."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from joserfc.jwk import RSAKey

from saas.models import ApiKey, DataSpace, Merchant
from tests.attacks import routes
from tests.backend.frame.forms_of import forms_of
from tests.conftest import signed_in
from tests.saas.conftest import CLAIMS, compact

NOBODY = "nobody"
TOKEN_LASTS_S = 200
COOKIE = settings.SESSION_COOKIE_NAME
NAME = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"')


@dataclass
class World:
    """People by their names, a key of the stand-in for each environment with their private half, and what they see."""

    people: dict[str, User]
    keys: dict[str, ApiKey]
    private_key: str
    sessions: dict[str, str] = field(default_factory=dict)
    # Of pages and of calls, filled in.
    paths: list[str] = field(default_factory=list)
    # What each form sends untouched, by its method and the address that it leads to.
    forms: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)
    # The names of the fields for passwords of each form.
    passwords: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    fields: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sign everybody in, and look at every page for its forms."""
        browsers = {name: signed_in(user) for name, user in self.people.items()}
        self.sessions = {name: browser.cookies[COOKIE].value for name, browser in browsers.items()}
        pages = [path for paths in routes.pages().values() for path in paths]
        self.paths = [*pages, *self.calls()]
        names: set[str] = set()
        for path, browser in product(pages, (browsers["alice"], Client())):
            answer = browser.get(path) if "logout" not in path else HttpResponse(status=204)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                names |= {*NAME.findall(answer.content.decode())}
                for form in forms_of(answer):
                    place = (form.method.upper(), form.action)
                    self.passwords.setdefault(place, set()).update(form.passwords)
                    known = self.forms.setdefault(place, [])
                    known += [form.fields] if form.fields not in known else []
        self.fields = sorted(names)
        self._key = RSAKey.import_key(self.private_key)
        self._token, self._token_made = "", 0.0

    def signature(self, path: str) -> dict[str, str]:
        """Return the headers of a call that the gateway accepts at `path`."""
        if not self._token or time.monotonic() - self._token_made > TOKEN_LASTS_S:
            self._token_made = time.monotonic()
            self._token = compact({"exp": int(time.time()) + 2 * TOKEN_LASTS_S, **CLAIMS}, self._key)
        key = self.keys["production" if path.startswith("/gateway/production/") else "sandbox"]
        return {"x-api-key": key.api_key, "x-gw-signature": self._token}

    def calls(self) -> list[str]:
        """Return the addresses for programs, filled in with what there is."""
        space, merchant = DataSpace.objects.earliest("pk"), Merchant.objects.earliest("pk")
        values = {
            "environment_id": space.pk,
            "project_id": space.project_id,
            "merchant_id": merchant.pk,
            "cloud_id": "cloud",
            "feature": "PREMIUM_SEARCH",
        }
        return [
            re.sub(r"<str:(\w+)>", lambda found: str(values[found[1]]), address) for address in routes.for_programs()
        ]


def browser_of(world: World, name: str, **options: Any) -> Client:
    """Return a browser in which this person is signed in already, or nobody."""
    client = Client(raise_request_exception=False, **options)
    if name in world.sessions:
        client.cookies[COOKIE] = world.sessions[name]
    return client


@contextmanager
def put_back() -> Iterator[None]:
    """Undo what happens within, and let the code within believe that its transactions are the outermost."""
    cache.clear()
    transaction_of_test = transaction.atomic()
    transaction_of_test._from_testcase = True  # type: ignore[attr-defined]  # as the framework's own test case does
    with transaction_of_test:
        yield
        transaction.set_rollback(True)
