"""The calls of the gateway of Commerce Services.

Source: the protocol that the client modules `magento/services-connector` and `magento/services-id` speak.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import jwt
import requests
from django.conf import settings

from backend.frame import events
from backend.frame.fields import NAME_LENGTH
from backend.frame.request_facts import HEADER, request_id
from connector.environment import Environment
from connector.errors import GatewayError, Reason
from connector.gateway import silence, transport
from connector.gateway.responses import Answer, DataSpace, LastInstance, Listed, checked, listed, refusal, text, word
from connector.gateway.transport import Deadline
from connector.keys.pem import PrivateKey

TOKEN_LIFETIME_S = 300
TOKEN_MARGIN_S = 60

__all__ = ["Client", "Credentials", "DataSpace", "Deadline", "Identity", "LastInstance", "Listed", "connect"]

REGISTRY = "merchant-registry/v1/registry"
# The one host whose ping is a page of its own; it is the sandbox gateway of Adobe.
INDEX_PING_HOST = "commerce-beta.adobe.io"

# The ids in a path, each behind the word that says what it is of.
_IDS = re.compile(r"\b(environments|projects|orders|orderStatuses|stores|cloudid|feature)/[^/]+")

# Source: magento/services-connector sends these very values for every merchant.
_CLAIMS: Mapping[str, Any] = {
    "iss": "8E6307BF5D775FA00A495EF9@AdobeOrg",
    "sub": "3181519E5E2714990A495E2E@techacct.adobe.com",
    "https://ims-na1.adobelogin.com/s/ent_reactor_sdk": True,
    "https://ims-na1.adobelogin.com/s/asset_compute_meta": True,
    "https://ims-na1.adobelogin.com/s/ent_adobeio_sdk": True,
    "https://ims-na1.adobelogin.com/s/event_receiver_api": True,
    "aud": "https://ims-na1.adobelogin.com/c/9ec9d05f79eb443e8f76ce477b1e413c",
}


@dataclass(frozen=True)
class Credentials:
    """Both halves of a key pair, opened; neither shows in its `repr`."""

    api_key: str = field(repr=False)
    private_key: PrivateKey = field(repr=False)

    @property
    def digest(self) -> str:
        """64 hex digits that distinguish one pair from another and hold neither half."""
        return hashlib.sha256(f"{self.api_key}|{self.private_key.fingerprint}".encode()).hexdigest()


@dataclass(frozen=True)
class Identity:
    """Id and name of an instance, and the data space that it works in; empty where it has chosen none.

    Commerce Services shows people the name, so that they can distinguish their instances there.
    """

    instance_id: str
    name: str
    data_space_id: str = ""

    def headers(self, data_space_id: str = "") -> dict[str, str]:
        """Return the two headers of a call; none where the call only looks at a data space that is not ours.

        A header holds neither line breaks nor every character, so the name goes as percent-encoded UTF-8.
        Source: RFC 8187, section 3.2, whose encoding this is, without its `UTF-8''` in front.
        """
        if data_space_id and data_space_id != self.data_space_id:
            return {}
        name = quote(self.name[:NAME_LENGTH], safe="", errors="replace")
        return {"X-Commerce-Instance-Id": self.instance_id, "X-Commerce-Instance-Name": name}


class Client:
    """The gateway at `base_url`, as the owner of `credentials` sees it.

    Every call ends by `deadline`. Every method raises `GatewayError`, and nothing else, when the gateway does not do as
    asked. `identity` is the instance that calls. It names itself in every call except those about a data space that it
    does not work in.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        deadline: Deadline,
        identity: Identity | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self._credentials = credentials
        self._deadline = deadline
        self._identity = identity
        self._session = transport.session(self.base_url, settings.GATEWAY_PROXY, settings.GATEWAY_CA_BUNDLE)
        self._token = ""
        self._token_expires_at = 0
        self.host = host_of(self.base_url)

    def ping(self) -> frozenset[str]:
        """Check that the gateway accepts the pair, always with a fresh signature.

        Return the abilities that a stand-in names; the real gateway names none.
        """
        is_index = urlsplit(self.base_url).hostname == INDEX_PING_HOST
        path = "merchant-registry/index.html" if is_index else "merchant-registry/v1/ping"
        self._token = ""
        answer = self._send("GET", path, headers={})
        if answer.status != HTTPStatus.OK:
            raise refusal(answer)
        abilities = (answer.facts or {}).get("standIn")
        return (
            frozenset(name for name, can in abilities.items() if can is True)
            if isinstance(abilities, dict)
            else frozenset()
        )

    def data_spaces(self) -> Listed:
        """Return every data space of every project of the account."""
        return listed(self.call("GET", REGISTRY))

    def data_space(self, data_space_id: str) -> DataSpace:
        """Return one data space, with its features."""
        path = f"{REGISTRY}/environments/{segment(data_space_id)}"
        row = self.call("GET", path, data_space_id=data_space_id)
        return DataSpace.from_row(row | {"environmentId": data_space_id})

    def create_project(self, name: str) -> tuple[DataSpace, ...]:
        """Create a project and return its data spaces, at least one."""
        spaces = listed(self.call("POST", f"{REGISTRY}/initialize", {"projectName": name})).spaces
        if not spaces:
            raise GatewayError(Reason.MALFORMED)
        return spaces

    def rename_project(self, project_id: str, name: str) -> tuple[DataSpace, ...]:
        """Change a project's label and return its data spaces; its id stays."""
        path = f"{REGISTRY}/projects/{segment(project_id)}"
        return listed(self.call("PATCH", path, {"projectName": name})).spaces

    def rename_data_space(self, data_space_id: str, name: str) -> DataSpace:
        """Change a data space's label and return it; its id stays."""
        path = f"{REGISTRY}/environments/{segment(data_space_id)}"
        return DataSpace.from_row(self.call("PATCH", path, {"environmentName": name}, data_space_id=data_space_id))

    def cloud_id(self, data_space_id: str) -> str:
        """Return the id of the cloud project that a data space belongs to; empty without one."""
        path = f"{REGISTRY}/environments/{segment(data_space_id)}"
        return text(self.call("GET", path, data_space_id=data_space_id).get("cloudId"))

    def set_cloud_id(self, data_space_id: str, cloud_id: str) -> None:
        """Let a data space belong to another cloud project."""
        path = f"{REGISTRY}/environments/{segment(data_space_id)}/cloudid/{segment(cloud_id)}"
        self.call("PUT", path, data_space_id=data_space_id)

    def clean_up(self, data_space_id: str, name: str) -> DataSpace:
        """Empty a data space, with its label `name`, and return it; its ids stay."""
        path = f"{REGISTRY}/environments/{segment(data_space_id)}/cleanup"
        row = self.call("POST", path, {"environmentName": name}, data_space_id=data_space_id)
        return DataSpace.from_row(row | {"environmentId": data_space_id})

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        data_space_id: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Return the answer's object; where the token was refused, sign a fresh one once.

        `headers` are what the call has besides those of every call, and of every call about a data space.
        """
        sent = {"Content-Type": "application/json", **headers}
        if data_space_id:
            sent |= {"Magento-Environment-Id": data_space_id, "x-saas-id": data_space_id}
        try:
            return checked(self._send(method, path, body, headers=sent))
        except GatewayError as error:
            if error.reason != Reason.JWT_INVALID:
                raise
        self._token = ""
        return checked(self._send(method, path, body, headers=sent))

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, headers: Mapping[str, str]
    ) -> Answer:
        signed = {
            "User-Agent": f"Commerce Admin/{settings.VERSION}",
            "Accept": "application/json",
            # A body that is not compressed cannot unfold into a huge one.
            "Accept-Encoding": "identity",
            "magento-api-key": self._credentials.api_key,
            "x-api-key": self._credentials.api_key,
            "x-gw-signature": self._signature(),
        }
        if request_id():
            signed[HEADER] = request_id()
        if self._identity:
            signed |= self._identity.headers(headers.get("x-saas-id", ""))
        data = None if body is None else json.dumps(body)
        request = requests.Request(method, urljoin(self.base_url, path), headers={**signed, **headers}, data=data)
        began, outcome = time.perf_counter(), "error"
        try:
            answer = self._session.ask(request, self._deadline)
            outcome = f"{answer.status // 100}xx"
        except GatewayError as error:
            outcome = error.reason.value
            silence.note(self.host, error.reason)
            raise
        finally:
            call = f"{method} {_name_of(path)}"
            events.note("gateway_call", time.perf_counter() - began, call=call, outcome=outcome)
        return answer

    def _signature(self) -> str:
        now = int(time.time())
        if not self._token or now > self._token_expires_at - TOKEN_MARGIN_S:
            self._token_expires_at = now + TOKEN_LIFETIME_S
            claims = {"exp": self._token_expires_at, **_CLAIMS}
            key = self._credentials.private_key.key
            self._token = jwt.encode(claims, key, algorithm="RS256", sort_headers=False)
        return self._token


def connect(
    environment: Environment, credentials: Credentials, deadline: Deadline, identity: Identity | None = None
) -> Client:
    """Return a client, for the instance `identity`, of the gateway that the settings name for `environment`."""
    return Client(settings.GATEWAY_URLS[environment.value], credentials, deadline=deadline, identity=identity)


def host_of(base_url: str) -> str:
    """Return host and port of `base_url`, as pages show it."""
    parts = urlsplit(base_url)
    # What comes before an @ is a secret, so the network location is put together from its other parts.
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""


def _name_of(path: str) -> str:
    """Return `path` without its ids and its query: there are only as many of these as calls."""
    return _IDS.sub(r"\1/…", path.partition("?")[0])


def segment(value: str) -> str:
    """Return an id as a part of a path. Raises GatewayError if it has a slash or dots and would name another path."""
    if not word(value):
        raise GatewayError(Reason.NOT_FOUND)
    return value
