"""docs/openapi.yaml, and whether a response is as it says."""

import re
from typing import Any
from urllib.parse import unquote

import requests
import schemathesis
import yaml
from django.conf import settings
from schemathesis.core.transport import Response

DESCRIPTION: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
BASES = [server["url"].rstrip("/") for server in DESCRIPTION["servers"]]
# Of a fault that takes the place of every response.
FAULT_PAGE = b"Something else answers here"


def schema() -> Any:
    """Return the description as schemathesis reads it."""
    return schemathesis.openapi.from_dict(DESCRIPTION)


_schema = schema()


def template_of(path: str) -> str:
    """Return the address of the description that `path` is one of, or an empty text."""
    for base in sorted(BASES, key=len, reverse=True):
        if path.startswith(f"{base}/"):
            path = path[len(base) :]
            break
    # An address without parameters comes before one that has them.
    for template in sorted(DESCRIPTION["paths"], key=lambda template: template.count("{")):
        expression = re.sub(r"\\\{call\\\}", ".+", re.escape(template))
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", expression), path):
            return str(template)
    return ""


def differences(method: str, path: str, response: Any) -> str:
    """Return how the response to a call differs from the description, or an empty text.

    What nobody described, such as a call with another method, has no differences.
    """
    template = template_of(unquote(path))
    described = DESCRIPTION["paths"].get(template, {}).get(method.lower())
    if not described or FAULT_PAGE in response.content:
        return ""
    if str(response.status_code) not in described["responses"]:
        return f"{method} {template} answers {response.status_code}"
    headers = {name.lower(): [value] for name, value in response.headers.items()}
    sent = requests.Request(method, f"http://testserver{path}").prepare()
    given = Response(response.status_code, headers, response.content, sent, elapsed=0, verify=False)
    try:
        _schema[template][method].validate_response(given)
    except AssertionError as failure:
        return f"{method} {template} answers {response.status_code}: {failure}"
    return ""
