"""House rules for templates, stylesheets and scripts."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client

from tests.conftest import signed_in

BASE_DIR: Path = settings.BASE_DIR
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((BASE_DIR / "static").rglob("*.css"))
SCRIPTS = sorted((BASE_DIR / "static").rglob("*.js"))
ICONS = BASE_DIR / "static" / "icons.svg"


def name(path: Path) -> str:
    return str(path.relative_to(BASE_DIR))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


each_template = pytest.mark.parametrize("path", TEMPLATES, ids=name)
each_style = pytest.mark.parametrize("path", STYLES, ids=name)
each_script = pytest.mark.parametrize("path", SCRIPTS, ids=name)
each_file = pytest.mark.parametrize("path", [*TEMPLATES, *STYLES, *SCRIPTS, ICONS], ids=name)


@each_template
def test_a_template_has_no_inline_script(path: Path) -> None:
    scripts = re.findall(r"<script\b[^>]*>", path.read_text(encoding="utf-8"))
    assert all(" src=" in script for script in scripts)


@each_template
def test_a_template_has_no_inline_style_or_handler(path: Path) -> None:
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", path.read_text(encoding="utf-8"))


def test_every_dialog_is_made_of_the_one_shell_which_closes_in_its_corner() -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES}
    assert [name for name, text in written.items() if "<dialog" in text or "dialog-close" in text] == ["_dialog.html"]
    assert written["_dialog.html"].count('class="dialog-close"') == written["_dialog.html"].count("<dialog") == 1


@each_template
def test_a_template_stays_short(path: Path) -> None:
    assert lines(path) <= 120
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) < 140


@each_template
def test_a_module_is_named_once_in_the_frame(path: Path) -> None:
    if path.name != "base.html":
        assert ".js" not in path.read_text(encoding="utf-8")


@each_style
def test_a_stylesheet_stays_short(path: Path) -> None:
    assert lines(path) < 400


def test_there_are_at_most_six_stylesheets() -> None:
    assert len(STYLES) <= 6


@each_script
def test_a_script_stays_short(path: Path) -> None:
    assert lines(path) < 100


@each_script
def test_a_script_writes_no_markup_and_runs_no_text(path: Path) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", path.read_text(encoding="utf-8")
    )


@each_script
def test_a_script_is_named_in_the_frame(path: Path) -> None:
    assert f"'js/{path.name}'" in (BASE_DIR / "templates" / "base.html").read_text(encoding="utf-8")


@each_script
def test_what_a_script_looks_for_is_written_somewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    read = {re.sub("([A-Z])", r"-\1", name).lower() for name in re.findall(r"dataset\.(\w+)(?! *=[^=])", source)}
    asked = set(re.findall(r"\[data-([a-z-]+)", source))
    places = [*TEMPLATES, *(BASE_DIR / "connector").rglob("*.py"), *(BASE_DIR / "backend").rglob("*.py")]
    written = set(re.findall(r"data-([a-z-]+)", "".join(place.read_text(encoding="utf-8") for place in places)))
    assert (read | asked) - written == set()


@each_file
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    if path in TEMPLATES:
        text = re.sub(r"\b(has_)?url\(", "", text)  # The address of a page of ours.
    assert not re.search(r"""(src|href|action)=["']?(https?:)?//|url\(|@import|https?://""", text)


@each_template
def test_an_icon_that_is_drawn_exists(path: Path) -> None:
    drawn = set(re.findall(r'icon\("([a-z]+)"\)', path.read_text(encoding="utf-8")))
    assert drawn <= set(re.findall(r'<symbol id="([a-z]+)"', ICONS.read_text(encoding="utf-8")))


def test_styles_scripts_and_icons_stay_within_the_budget() -> None:
    """All of them together, compressed as they are served; what a page costs is measured in the browser."""
    assert sum(len(gzip.compress(path.read_bytes())) for path in [*STYLES, *SCRIPTS, ICONS]) < 23_000


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/admin/", "/account/", "/account/api-portal/", "/nowhere/", "/admin/login/"])
def test_every_page_says_its_version_at_its_foot(alice: User, path: str) -> None:
    browser = Client() if "login" in path else signed_in(alice)
    foot = browser.get(path).content.decode().rpartition("</form>" if "login" in path else "<footer")[2]
    assert f"Commerce Admin {settings.VERSION}" in " ".join(foot.split())
    assert ("/admin/help/" in foot) is ("login" not in path)


@pytest.mark.parametrize("page", ["400.html", "500.html", "503.html"])
def test_a_failure_page_stands_in_the_frame_without_a_request_and_the_database(page: str) -> None:
    shown = render_to_string(page, {"version": "1.2.3"})
    assert shown.count("<h1") == 1
    assert re.findall(r'class="(?:sidebar-logo|tile)" href="(.*?)"', shown) == ["/admin/", "/admin/"]
    assert "1.2.3" in shown
    assert 'href="/admin/help/"' in shown
    assert 'class="alone-way"' in shown
    assert "data-search" not in shown
