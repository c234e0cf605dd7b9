"""Requests that no browser of ours would send, as strategies of hypothesis."""

import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.attacks.routes import is_of_gateway
from tests.attacks.world import NOBODY, World

# It would be an element of the page if anything showed it as it came.
MARK = "<i x=q7z>"
BREAKS = "\r\nX-Injected: q7z"
HOSTILE = [
    "",
    " ",
    "\0",
    "a\0b",
    MARK,
    f"'\">{MARK}",
    f"</textarea></script>{MARK}",
    "{{7*7}}{%x%}",
    "%s%n{0}{x.__class__}",
    BREAKS,
    f"x{BREAKS}",
    "' OR 1=1 --",
    "\\",
    "../../etc/passwd",
    "//evil.test/",
    "https://evil.test/\\@x",
    "javascript:alert(1)",
    "\ud800",
    "\udcff\udfff",
    "\u202eabc\u2066",
    "\ufeff\u200b\u2028",
    "e\u0301" * 300,
    "x" * 70_000,
    "١٢٣",
    "-1",
    "0",
    "1e400",
    "NaN",
    "Infinity",
    "9" * 25,
    "9" * 5_000,
    "-9223372036854775809",
    "9223372036854775808",
    "1.5",
    "0x10",
    "true",
    "on",
    "null",
    "[]",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "12/31/9999",
    "2026-11-29T12:00:00+99:99",
    "00000000-0000-0000-0000-000000000000",
    "sandbox",
    "production",
    "alice",
    "-----BEGIN PRIVATE KEY-----\nMIIE",
]
CALLED = ["GET", "POST", "PATCH", "PUT", "DELETE"]
METHODS = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "x"]
TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=\0; charset=utf-7",
    "application/json",
    "application/json; charset=utf-32",
    "text/plain",
    "\xff",
    "",
]
HEADERS = [
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Content-Length",
    "Content-Encoding",
    "Cookie",
    "Expect",
    "Host",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Transfer-Encoding",
    "User-Agent",
    "X-Api-Key",
    "X-Commerce-Instance-Id",
    "X-Commerce-Instance-Name",
    "X-CSRFToken",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Gw-Signature",
    "X-HTTP-Method-Override",
    "X-Mp-Merchant-Id",
    "X-Request-ID",
    "X-Requested-With",
    "X-Saas-Id",
]
COOKIES = ["sessionid", "csrftoken", "django_language", "messages", "x"]
KEYS = ["feed", "data", "id", "projectName", "environmentName", "returnUrl", "country", "experience", "items", "status"]
PARAMETERS = ["q", "page", "sort", "per_page", "start", "end", "next", "updatedSince", "limit", "cursor", "after"]
WHOLE_BODY = b'--b\r\nContent-Disposition: form-data; name="q"; filename="x"\r\n\r\nfile\r\n--b--\r\n'
UNUSUAL = [WHOLE_BODY, WHOLE_BODY[:40], b"[" * 100_000, b"a=" * 3000, b"&".join([b"a=1"] * 3000), b"\xff\xfe{\0}\0"]


@dataclass(frozen=True)
class Attack:
    """One request; its `repr` is enough to send it again."""

    person: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    is_signed: bool = False
    is_strict: bool = False


def as_header(text: str) -> str:
    """Return `text` as a server hands on the bytes of a header."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=[]), max_size=40),
    st.integers().map(str),
    st.uuids().map(str),
    st.dates().map(str),
)
pairs_of_texts = st.lists(st.tuples(st.sampled_from(COOKIES), texts), max_size=4)
cookie_headers = pairs_of_texts.map(lambda pairs: "; ".join(f"{name}={value}" for name, value in pairs))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def headers(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Return some headers, often a cookie among them, as a server hands them on."""
    sent = draw(st.dictionaries(st.sampled_from(HEADERS), texts, max_size=3))
    if draw(st.integers(0, 9)) == 9:
        sent["Cookie"] = draw(cookie_headers)
    return tuple((name, as_header(value)) for name, value in sent.items())


@st.composite
def attacks(draw: st.DrawFn, world: World) -> Attack:
    """Return a request of anybody to any address."""
    form = draw(st.sampled_from([None, *world.forms])) if draw(st.integers(0, 1)) else None
    method, path = form or ("", draw(st.sampled_from(world.paths)))
    usual = 2 * CALLED if is_of_gateway(path) else 9 * ["GET"]
    method = method or draw(st.sampled_from([*usual, *METHODS]))
    query = draw(st.lists(st.tuples(st.sampled_from([*PARAMETERS, *world.fields]), texts), max_size=3))
    body, content_type = b"", ""
    if form and method == "GET":
        query = draw(changed_forms(world, form))
    elif form:
        body, content_type = encoded(draw(changed_forms(world, form))).encode(), TYPES[0]
    elif method != "GET":
        body, content_type = draw(bodies(world)), draw(st.sampled_from(TYPES))
    address = draw(mangled(path)) + ("?" + encoded(query) if query else "")
    return Attack(
        draw(st.sampled_from([*4 * ["alice"], "bob", "bob", "charlie", "dana", NOBODY])),
        method,
        address,
        body,
        content_type,
        draw(headers()),
        is_signed=is_of_gateway(path) and draw(st.integers(0, 9)) < 9,
        is_strict=draw(st.integers(0, 19)) == 19,
    )


@st.composite
def mangled(draw: st.DrawFn, path: str) -> str:
    """Return `path`, now and then with another part in the place of one of its own."""
    if draw(st.integers(0, 9)) < 9:
        return quote(path)
    parts = path.split("/")
    parts[draw(st.integers(1, len(parts) - 1))] = draw(texts)
    return quote("/".join(parts).encode("utf-8", "surrogatepass"), safe="/")


@st.composite
def changed_forms(draw: st.DrawFn, world: World, form: tuple[str, str]) -> list[tuple[str, str]]:
    """Return a form of the site with some of its values changed, doubled, left out or added."""
    sent = [*draw(st.sampled_from(world.forms[form])).items()]
    for _time in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from([name for name, _value in sent] or ["x"]) | st.sampled_from(world.fields))
        if draw(st.integers(0, 4)):
            sent = [pair for pair in sent if pair[0] != name]
        if draw(st.integers(0, 4)):
            sent.append((name, draw(texts)))
    return sent


@st.composite
def bodies(draw: st.DrawFn, world: World) -> bytes:
    """Return bytes, a body that is hard to read, the fields of a form, or JSON."""
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return draw(st.binary(max_size=200))
    if kind == 1:
        return draw(st.sampled_from(UNUSUAL))
    if kind == 2:
        return encoded(draw(st.lists(st.tuples(st.sampled_from(world.fields), texts), max_size=6))).encode()
    sent = draw(json_values | st.dictionaries(st.sampled_from(KEYS), json_values, max_size=5))
    return json.dumps(sent).encode()


def encoded(sent: list[tuple[str, str]]) -> str:
    return urlencode(sent, errors="surrogatepass")
