"""What the documentation links to is there: files, and headings within them."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
PAGES = sorted([*BASE_DIR.glob("*.md"), *(BASE_DIR / "docs").rglob("*.md")])
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(page: Path) -> str:
    """Return the text without its blocks of code, where a `#` begins a comment."""
    return CODE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the names of the headings as the sites that show Markdown make them."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(prose(page))}


def broken(page: Path) -> Iterator[str]:
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not re.match(r"https?:", link) and not (target.exists() and (not anchor or anchor in anchors(target))):
            yield link


def test_every_link_leads_somewhere() -> None:
    assert len(PAGES) > 10
    assert [(page.name, link) for page in PAGES for link in broken(page)] == []


def test_it_notices_what_is_not_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    links = ["#a-title", "page.md#a-title", "https://example.com/#x", "#no-title", "nothing.md"]
    page.write_text("# A title\n\n```sh\n# No title\n```\n" + " ".join(f"[text]({link})" for link in links))
    assert list(broken(page)) == ["#no-title", "nothing.md"]
