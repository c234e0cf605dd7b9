"""The commands of docs/operations.md, as an administrator reads them."""

import re
import textwrap
from pathlib import Path

from django.conf import settings

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def commands(heading: str) -> list[str]:
    """Return the blocks of commands below a heading, down to the next heading of any level."""
    text = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text(encoding="utf-8")
    section = re.split(rf"^#+ {re.escape(heading)}$", text, flags=re.MULTILINE)[1]
    section = re.split(r"^##+ ", section, flags=re.MULTILINE)[0]
    return [textwrap.dedent(block) for _indent, block in _BLOCK.findall(section)]


def command(heading: str) -> str:
    """Return the only block of commands below a heading."""
    [block] = commands(heading)
    return block
