"""The end of the action log, as a card of the Dashboard."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.audit.actions import Words
from backend.audit.overview import Row


@dataclass(frozen=True)
class Activity:
    """The newest rows. Rows of the log never change, so a card of the same ones is drawn once."""

    rows: tuple[Row, ...]

    @property
    def read(self) -> Iterator[tuple[Row, str, str, str, str]]:
        """Each row with what people read of it: action, subject, result and cause."""
        words = Words()
        for row in self.rows:
            yield (
                row,
                words.action(row.action),
                words.label(row.subject),
                words.result(row.result),
                words.label(row.cause),
            )
