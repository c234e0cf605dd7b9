#!/usr/bin/env python
"""Run a management command of this project."""

import os
import signal
import sys

STOPPED = 130
SIGNALS = {signal.SIGINT, signal.SIGTERM}
_received: list[int] = []


def main() -> None:
    """Run the command that was asked for. Ctrl+C and SIGTERM end it, also while it starts, with one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        _heed_signals()
        # These take long enough to be interrupted.
        from config import command_line, output  # noqa: PLC0415

        output.prepare()
        command_line.run(sys.argv)
    except SystemExit:
        raise
    except BrokenPipeError:
        # Whatever read the output has ended, as `head` does. Writing what is left would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BaseException:
        # Some modules answer an interruption while they load with an error of their own.
        if not _received:
            raise
        sys.stderr.write("Stopped. Run the same command again to go on.\n")
        sys.exit(STOPPED)
    finally:
        # The interpreter ends now. Interrupted meanwhile, it would print a traceback.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)


def _heed_signals() -> None:
    for number in SIGNALS:
        # A shell ignores Ctrl+C for what it starts in the background.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    if sys.platform != "win32":
        # A command that starts itself again blocks them until now: the interpreter is not ready for them before.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def _stop(number: int, _frame: object) -> None:
    _received.append(number)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
