"""The user guide: every page, what it says of the causes, and the names it quotes."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from connector.verification.causes import Cause
from connector.verification.row import Kind
from dashboard import guide
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from tests.backend.frame.catalogue import of_template
from tests.markup import text

BASE_DIR: Path = settings.BASE_DIR
GUIDE = BASE_DIR / "templates" / "dashboard" / "guide"
TEXTS = sorted(GUIDE.glob("*.html"))
PICTURES = BASE_DIR / "docs" / "images"
PICTURE = re.compile(r"""<img src="/static/guide/([\w-]+\.webp)"\s+width="(\d+)"\s+height="(\d+)"\s+alt="[^"]{20,}\"""")
NAMED = re.compile(r"""\b(?!title|heading|who\b)(\w+) ?= ?_\("([^"]+)\"""")
PLACES = {"configuration", "payment_services", "users", "roles"}

pytestmark = pytest.mark.django_db


def texts_of_pages() -> Iterator[str]:
    for path in (BASE_DIR / "templates").rglob("*.html"):
        if GUIDE not in path.parents:
            for message in of_template(path.read_text(encoding="utf-8")):
                yield message.singular


def texts_of_code() -> Iterator[str]:
    for app in ("backend", "config", "connector", "dashboard", "payments", "saas"):
        for path in (BASE_DIR / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Name(id="_" | "gettext"), args=[ast.Constant(value=str(said)), *_others]):
                        yield said


def test_everybody_who_is_signed_in_sees_every_page(as_charlie: Client) -> None:
    answers = {slug: text(as_charlie.get(reverse("guide_page", args=[slug]))) for slug in guide.PAGES}
    assert [slug for slug, said in answers.items() if str(guide.PAGES[slug].summary) not in said] == []


def test_every_page_shows_one_picture_that_is_as_large_as_it_says(as_charlie: Client) -> None:
    for slug in guide.PAGES:
        [(name, width, height)] = PICTURE.findall(as_charlie.get(f"/admin/help/{slug}/").content.decode())
        picture = (PICTURES / name).read_bytes()
        # Source: RFC 9649, section 2.7.
        sides = [int.from_bytes(picture[at : at + 3], "little") + 1 for at in (24, 27)]
        assert sides == [int(width), int(height)], slug


def test_the_readme_shows_pictures_that_are_there() -> None:
    shown = re.findall(r"\]\((docs/images/[^)]+)\)", (BASE_DIR / "README.md").read_text(encoding="utf-8"))
    assert shown
    assert all((BASE_DIR / path).is_file() for path in shown)


def test_the_contents_lead_to_every_page(as_charlie: Client) -> None:
    contents = as_charlie.get("/admin/help/").content.decode()
    assert all(f'href="/admin/help/{slug}/"' in contents for slug in guide.PAGES)


@pytest.mark.parametrize("slug", ["nothing", "page", "_cause", "x" * 300])
def test_a_page_that_is_not_there_is_not_found(as_charlie: Client, slug: str) -> None:
    assert as_charlie.get(f"/admin/help/{slug}/").status_code == 404


def test_every_cause_is_explained_with_its_step_at_an_address_of_its_own(as_charlie: Client) -> None:
    answer = as_charlie.get("/admin/help/verification-result/")
    said, markup = text(answer), answer.content.decode()
    for cause in Cause:
        assert f'id="{cause}"' in markup
        assert str(cause.label) in said
        assert str(cause.row.next_step) in said
    assert "%(" not in said


@pytest.mark.parametrize("slug", ["verification-result", "not-reached"])
def test_a_refusal_that_cannot_be_read_has_its_words(as_charlie: Client, slug: str) -> None:
    said = text(as_charlie.get(f"/admin/help/{slug}/"))
    assert "or something between this server and Commerce Services refused" in said


def test_every_kind_has_its_meaning() -> None:
    assert set(guide.MEANINGS) == set(Kind)


def test_every_cause_leads_to_a_page_that_says_more(as_charlie: Client) -> None:
    page = as_charlie.get("/admin/help/verification-result/").content.decode()
    entries = {cause: page.split(f'id="{cause}"')[1].split("</section>")[0] for cause in Cause}
    links = {
        cause: f'<a href="/admin/help/{cause.row.help}/">{guide.PAGES[cause.row.help].title}</a>' for cause in Cause
    }
    assert [cause for cause in Cause if links[cause] not in entries[cause]] == []


def test_the_page_about_the_network_lists_the_causes_that_leave_it_open(as_charlie: Client) -> None:
    said = as_charlie.get("/admin/help/not-reached/").content.decode()
    assert {cause for cause in Cause if f'id="{cause}"' in said} == {
        cause for cause in Cause if cause.kind is Kind.UNKNOWN
    }


def test_a_place_is_a_link_only_for_people_who_may_go_there(as_charlie: Client, as_bob: Client) -> None:
    link = f'href="{reverse("connector:configuration")}"'
    path = "/admin/help/enter-the-keys/"
    main = [client.get(path).content.decode().split("<main")[1] for client in (as_charlie, as_bob)]
    assert [link in page for page in main] == [False, True]


def test_the_menu_knows_where_a_page_is() -> None:
    assert guide.trail("connector:configuration") == "Stores › Settings › Configuration"


def test_a_name_that_is_quoted_is_on_a_page() -> None:
    known = {*texts_of_pages(), *texts_of_code()}
    quoted = {path.name: {said for _name, said in NAMED.findall(path.read_text(encoding="utf-8"))} for path in TEXTS}
    assert {page: unknown for page, said in quoted.items() if (unknown := said - known)} == {}


def test_a_name_is_quoted_as_the_pages_translate_it() -> None:
    for path in TEXTS:
        source = path.read_text(encoding="utf-8")
        known = {name for name, _said in NAMED.findall(source)}
        quoted = re.findall(r"<strong>(.*?)</strong>", source)
        used = {name for part in quoted for name in re.findall(r"{{ (\w+) }}", part)}
        literal = [part for part in quoted if not re.fullmatch(r"{{ \w+ }}", part) and "_(" not in part]
        assert literal == [], path
        assert known <= used <= known | PLACES, path


def test_every_status_of_an_order_is_listed_with_the_time_zone(as_charlie: Client) -> None:
    said = text(as_charlie.get("/admin/help/understand-the-report/"))
    labels = [*PayStatus.labels, *RefundStatus.labels, *Dispute.labels]
    assert [label for label in labels if str(label) not in said] == []
    assert f"the time zone of this server, {settings.TIME_ZONE}." in said
