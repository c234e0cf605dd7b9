"""House rules for templates, stylesheets and scripts."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

from backend.frame.error_pages import failure
from tests.addresses import ACCOUNT, DASHBOARD, GUIDE, LOGIN, PORTAL
from tests.conftest import signed_in

BASE_DIR: Path = settings.BASE_DIR
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((BASE_DIR / "static").rglob("*.css"))
SCRIPTS = sorted((BASE_DIR / "static").rglob("*.js"))
ICONS = BASE_DIR / "static" / "icons.svg"


def name(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def offenders(paths: Iterable[Path], look: Callable[[str], object]) -> dict[str, object]:
    """Return what `look` finds in each file, by its name, without the files where it finds nothing."""
    found = {name(path): look(path.read_text(encoding="utf-8")) for path in paths}
    return {path: what for path, what in found.items() if what}


def longer_than(most: int) -> Callable[[str], int]:
    return lambda text: length if (length := len(text.splitlines())) > most else 0


def test_no_template_has_an_inline_script() -> None:
    assert offenders(TEMPLATES, lambda text: re.findall(r"<script\b(?![^>]* src=)[^>]*>", text)) == {}


def test_no_template_has_an_inline_style_or_handler() -> None:
    inline = re.compile(r"<style\b|\sstyle=|\son[a-z]+=|javascript:")
    assert offenders(TEMPLATES, inline.findall) == {}


def test_every_dialog_is_made_of_the_one_shell_which_closes_in_its_corner() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES}
    assert [name for name, text in written.items() if "<dialog" in text or "dialog-close" in text] == ["_dialog.html"]
    assert written["_dialog.html"].count('class="dialog-close"') == written["_dialog.html"].count("<dialog") == 1


def test_every_template_stays_short() -> None:
    assert offenders(TEMPLATES, longer_than(120)) == {}
    assert offenders(TEMPLATES, lambda text: [line for line in text.splitlines() if len(line) >= 140]) == {}


def test_every_module_is_named_once_in_the_frame() -> None:
    others = [path for path in TEMPLATES if path.name not in {"base.html", "_modules.html"}]
    assert offenders(others, lambda text: ".js" in text) == {}


def test_every_script_stays_short() -> None:
    assert offenders(SCRIPTS, longer_than(99)) == {}


def test_no_script_writes_markup_or_runs_text() -> None:
    writes = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function")
    assert offenders(SCRIPTS, writes.findall) == {}


def test_every_script_is_named_in_the_frame() -> None:
    frame = (BASE_DIR / "templates" / "base.html").read_text(encoding="utf-8") + render_to_string("_modules.html")
    assert [name(path) for path in SCRIPTS if f"js/{path.stem}." not in frame] == []


def test_what_a_script_looks_for_is_written_somewhere() -> None:
    places = [*TEMPLATES, *(BASE_DIR / "connector").rglob("*.py"), *(BASE_DIR / "backend").rglob("*.py")]
    written = set(re.findall(r"data-([a-z-]+)", "".join(place.read_text(encoding="utf-8") for place in places)))

    def missing(source: str) -> set[str]:
        read = {re.sub("([A-Z])", r"-\1", name).lower() for name in re.findall(r"dataset\.(\w+)(?! *=[^=])", source)}
        asked = set(re.findall(r"\[data-([a-z-]+)", source))
        return (read | asked) - written

    assert offenders(SCRIPTS, missing) == {}


def test_nothing_is_loaded_from_another_host() -> None:
    elsewhere = re.compile(
        r"""(?:src|href|action)=["']?(?:https?:)?//|url\((?!"\.\./fonts/)|@import|https?://(?!www\.w3\.org/2000/svg)"""
    )
    assert offenders([*STYLES, *SCRIPTS, ICONS], elsewhere.findall) == {}
    # In a template `url()` is the address of a page of ours.
    assert offenders(TEMPLATES, lambda text: elsewhere.findall(re.sub(r"\b(has_)?url\(", "", text))) == {}


def test_every_icon_that_is_drawn_exists() -> None:
    there = set(re.findall(r'<symbol id="([a-z]+)"', ICONS.read_text(encoding="utf-8")))
    drawn = re.compile(r'icon\("([a-z]+)"\)')
    assert offenders(TEMPLATES, lambda text: {*drawn.findall(text)} - there) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("path", [DASHBOARD, ACCOUNT, PORTAL, "/nowhere/", LOGIN])
def test_every_page_says_its_version_at_its_foot(alice: User, path: str) -> None:
    browser = Client() if path == LOGIN else signed_in(alice)
    foot = browser.get(path).content.decode().rpartition("</form>" if path == LOGIN else "<footer")[2]
    assert f"Commerce Admin {settings.VERSION}" in " ".join(foot.split())
    assert (GUIDE in foot) is (path != LOGIN)


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_failure_page_is_in_the_frame_without_a_request_and_the_database(status: int) -> None:
    shown = failure(status).content.decode()
    assert shown.count("<h1") == 1
    assert re.findall(r'class="(?:sidebar-logo|tile)"\s+href="(.*?)"', shown) == [DASHBOARD, DASHBOARD]
    assert settings.VERSION in shown
    assert f'href="{GUIDE}"' in shown
    assert "data-search" not in shown
