#!/usr/bin/env python
"""Run a management command of this project."""

import os
import sys

from config import interruption, output

# What shells say of a program that Ctrl+C, or a reader that went away, has ended.
STOPPED, UNREAD = 130, 141


def main() -> None:
    """Run the command that was asked for. Ctrl+C and SIGTERM end it, also while it starts, with one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        interruption.heed()
        output.prepare()
        # These take long enough to be interrupted.
        from config import command_line  # noqa: PLC0415

        command_line.run(sys.argv)
    except SystemExit:
        raise
    except BrokenPipeError:
        # Whatever read the output has ended, as `head` does. Writing what is left would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(UNREAD)
    except BaseException:
        if not interruption.was_received():
            raise
        sys.stderr.write("Stopped. Run the same command again to go on.\n")
        sys.exit(STOPPED)
    finally:
        interruption.end_at_once()


if __name__ == "__main__":
    main()
