"""The main journey, walked through the public pages as a browser without JavaScript would."""

from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

TIMEOUT_S = 30


class JourneyError(Exception):
    """A page was not what the journey expects; the text says which."""


class Page(HTMLParser):
    """What a page offers to fill in: hidden tokens by name, shown values by element id, options by select."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tokens: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self._element = self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note inputs, text areas and options."""
        values = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.tokens.setdefault(values.get("name", ""), values.get("value", ""))
        if tag in {"input", "textarea"} and "id" in values:
            self.texts[values["id"]] = values.get("value", "")
        if tag == "textarea":
            self._element = values.get("id", "")
        if tag == "select":
            self._select = values.get("name", "")
        if tag == "option" and values.get("value"):
            self.options.setdefault(self._select, []).append(values["value"])

    def handle_endtag(self, tag: str) -> None:
        """Leave a text area."""
        if tag == "textarea":
            self._element = ""

    def handle_data(self, data: str) -> None:
        """Note what a text area shows."""
        if self._element:
            self.texts[self._element] += data


class Visitor:
    """A person with a browser: keeps cookies, follows redirects, sends each form with its token."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def open(self, path: str) -> Page:
        """Return the page at `path`. Raises OSError where it does not answer 200."""
        with self.opener.open(urljoin(self.base_url, path), timeout=TIMEOUT_S) as answer:
            return Page(answer.read().decode())

    def send(self, path: str, form_at: str = "", **fields: str) -> Page:
        """Fill in the form on the page `form_at` (default: `path`), send it to `path`, return the answer."""
        token = self.open(form_at or path).tokens["csrfmiddlewaretoken"]
        body = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        with self.opener.open(urljoin(self.base_url, path), data=body, timeout=TIMEOUT_S) as answer:
            return Page(answer.read().decode())


def connect(base_url: str, login: str, password: str) -> None:
    """Make a sandbox key pair, enter it, create a project and choose a data space.

    Raises:
        JourneyError: a page does not show what the next step needs.
    """
    portal, configuration = "/account/api-portal/", "/admin/stores/configuration/commerce-services-connector/"
    visitor = Visitor(base_url)
    visitor.send("/admin/login/", login=login, password=password)
    shown = visitor.send(portal, environment="sandbox", name="Made by quickstart").texts
    if not shown.get("new-private-key"):
        message = "The API Portal showed no new private key."
        raise JourneyError(message)
    visitor.send(configuration, sandbox_api_key=shown["new-api-key"], sandbox_private_key=shown["new-private-key"])
    page = visitor.send(f"{configuration}create-project/", form_at=configuration, project_name="Demo store")
    spaces = visitor.open(configuration).options.get("data_space_id") or page.options.get("data_space_id")
    if not spaces:
        message = "The configuration page lists no data space of the new project."
        raise JourneyError(message)
    visitor.send(configuration, data_space_id=spaces[-1])
