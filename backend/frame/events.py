"""What happens and is worth counting. A server counts it; in a command nobody does."""

from collections.abc import Callable

Observer = Callable[..., None]
_observers: list[Observer] = []


def observe(observer: Observer) -> None:
    """Call `observer` with every event from now on, as `note` was called."""
    if observer not in _observers:
        _observers.append(observer)


def note(event: str, amount: float = 1, **labels: str) -> None:
    """Report an event. `amount` is what its metric adds up, for instance seconds or orders."""
    for observer in _observers:
        observer(event, amount, **labels)
