"""Ctrl+C and SIGTERM: either ends a command as KeyboardInterrupt, wherever it comes."""

import os
import signal
import sys
import threading

SIGNALS = {signal.SIGINT, signal.SIGTERM}
AGAIN_AFTER_S = 0.01
_received: list[int] = []


def heed() -> None:
    """Raise KeyboardInterrupt for every signal from now on."""
    sys.unraisablehook = _raise_again
    for number in SIGNALS:
        # A shell ignores Ctrl+C for what it starts in the background.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    if sys.platform != "win32":
        # A command that starts itself again blocks them until now: the interpreter is not ready for them before.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def was_received() -> bool:
    """Return whether a signal came. A module that it interrupts while loading may raise an error of its own."""
    return bool(_received)


def end_at_once() -> None:
    """Let a signal from now on end the process in silence: an interpreter that ends would print a traceback."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _stop(number: int, _frame: object) -> None:
    _received.append(number)
    raise KeyboardInterrupt


def _raise_again(unraisable: "sys.UnraisableHookArgs") -> None:
    """Raise a KeyboardInterrupt again that Python would only print: it came in a finalizer."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt) and _received:
        threading.Timer(AGAIN_AFTER_S, os.kill, [os.getpid(), _received[-1]]).start()
    else:
        sys.__unraisablehook__(unraisable)
