"""What a page shows, and what a browser sends from it."""

import html
import re
from typing import Any

from django.http import HttpResponse
from django.utils.html import strip_tags

from connector.gateway.client import Credentials


def text(response: HttpResponse | Any) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(strip_tags(response.content.decode())).split())


def field_error(response: HttpResponse | Any, name: str) -> str:
    """Return the message that a page shows at the field `name`, or an empty text."""
    match = re.search(rf'id="{name}_error">(.*?)</div>', response.content.decode(), re.DOTALL)
    return " ".join(html.unescape(strip_tags(match[1])).split()) if match else ""


def shown_value(response: HttpResponse | Any, name: str) -> str:
    """Return the value that a page shows in the text field or the selection `name`."""
    page = response.content.decode()
    if match := re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', match[0])
        return chosen[1] if chosen else ""
    match = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', match[0]) if match else None
    return value[1] if value else ""


def form_of(response: HttpResponse | Any) -> dict[str, str]:
    """Return what a browser would send from the untouched configuration page."""
    names = ("revision", "active_environment", "sandbox_api_key", "production_api_key", "project_id", "data_space_id")
    return {name: shown_value(response, name) for name in names} | {
        "sandbox_private_key": "",
        "production_private_key": "",
    }


def sent(pair: Credentials, environment: str = "sandbox", **more: str) -> dict[str, str]:
    """Return what a browser sends when a person pasted both halves of a pair."""
    return {f"{environment}_api_key": pair.api_key, f"{environment}_private_key": pair.private_key.pem, **more}


def links(response: HttpResponse | Any) -> dict[str, str]:
    """Return where each link of a page leads, by what it says."""
    found = re.findall(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL)
    return {" ".join(html.unescape(strip_tags(said)).split()): html.unescape(address) for address, said in found}
