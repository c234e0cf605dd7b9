"""What a command reads: a file, a pipe, or what a person types at a terminal."""

import errno
import sys
from pathlib import Path


def is_person_there() -> bool:
    """Return whether standard input is a terminal. A scheduler may have closed it."""
    return sys.stdin is not None and sys.stdin.isatty()


def read(name: str, most: int) -> bytes:
    """Return the first `most` bytes of the file `name`, or of standard input if that is `-`.

    Raises:
        OSError: there is nothing to read; `strerror` says why.
    """
    if name == "-":
        if sys.stdin is None:
            raise OSError(errno.EBADF, "standard input is closed")
        return sys.stdin.buffer.read(most)
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except ValueError:
        raise OSError(errno.EINVAL, "this is not the name of a file") from None
