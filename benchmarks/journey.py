"""The main journey through the public pages, as a person without JavaScript walks it."""

import re
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

TIMEOUT_S = 60
PORTAL = "/account/api-portal/"
CONFIGURATION = "/admin/stores/configuration/commerce-services-connector/"


class Visitor:
    """A person with a browser: stores cookies, follows redirects and sends each form with its token."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._cookies = CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))

    @property
    def cookies(self) -> dict[str, str]:
        """What the browser sends with every request."""
        return {cookie.name: cookie.value or "" for cookie in self._cookies}

    def open(self, path: str, fields: dict[str, str] | None = None) -> str:
        """Return the page at `path`, or what follows sending it `fields`. Raises OSError unless that is a page."""
        body = urlencode(fields).encode() if fields else None
        with self._opener.open(f"http://127.0.0.1:{self.port}{path}", body, TIMEOUT_S) as response:
            page: str = response.read().decode()
        return page

    def send(self, path: str, form_at: str = "", **fields: str) -> str:
        """Open the page with the form (default: `path`), send `fields` to `path`, and return the page that follows."""
        self.open(form_at or path)
        return self.open(path, {"csrfmiddlewaretoken": self.cookies["csrftoken"], **fields})


def connect(visitor: Visitor) -> tuple[str, RSAPrivateKey]:
    """Make a key pair for each environment, save both, create a project and choose a data space.

    Returns the sandbox pair: the API key and the private key.
    """
    visitor.send("/account/create/", organization_name="Benchmark", edition="adobe_commerce", payments_production="on")
    pairs = {name: new_pair(visitor, name) for name in ("sandbox", "production")}
    fields = {f"{name}_api_key": api_key for name, (api_key, _pem) in pairs.items()}
    fields |= {f"{name}_private_key": pem for name, (_api_key, pem) in pairs.items()}
    visitor.send(CONFIGURATION, **fields)
    visitor.send(f"{CONFIGURATION}create-project/", form_at=CONFIGURATION, project_name="Demo store")
    select = found(r'<select[^>]*\bname="data_space_id".*?</select>', visitor.open(CONFIGURATION))
    visitor.send(CONFIGURATION, data_space_id=re.findall(r'<option value="([^"]+)"', select)[-1])
    api_key, pem = pairs["sandbox"]
    private_key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private_key, RSAPrivateKey):
        message = "The API Portal made a key that is no RSA key."
        raise SystemExit(message)
    return api_key, private_key


def new_pair(visitor: Visitor, environment: str) -> tuple[str, str]:
    """Make a key in the API Portal, and return the API key and the private key, as PEM."""
    known = api_keys(visitor.open(PORTAL))
    page = unescape(visitor.send(PORTAL, environment=environment, name=f"Benchmark {environment}"))
    return (api_keys(page) - known).pop(), found("-----BEGIN PRIVATE KEY-----.*-----END PRIVATE KEY-----", page)


def api_keys(page: str) -> set[str]:
    """Return the API keys that `page` shows."""
    return set(re.findall(r"\b[0-9a-f]{32}\b", page))


def found(pattern: str, page: str) -> str:
    """Return what `pattern` finds in `page`. Raises SystemExit where it finds nothing."""
    match = re.search(pattern, page, re.DOTALL)
    if not match:
        message = f"A page has nothing like {pattern}"
        raise SystemExit(message)
    return match.group()
