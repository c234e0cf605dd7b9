"""How much can be made: more than people need, less than a script that runs wild would make."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Limit:
    """At most `number` of something, within the time `per` if there is one. `text` is for people who reach it."""

    number: int
    text: Promise
    per: timedelta = timedelta()


# Of one account, in one environment. A key that is to be deleted counts as long as it works.
WORKING_KEYS = Limit(
    500,
    _(
        "No key was made: this account has %(number)d keys for this environment, and cannot have more. Delete the ones "
        "that nobody uses, then try again."
    ),
)
# Of one person, in all accounts. Making a key takes some tenths of a second of the processor.
NEW_KEYS = Limit(
    200,
    _("No key was made: you made %(number)d keys within an hour, and cannot make more. Try again in an hour."),
    timedelta(hours=1),
)
# Of one person.
NEW_ACCOUNTS = Limit(
    100,
    _("No account was created: you created %(number)d within a day, and cannot create more. Try again tomorrow."),
    timedelta(days=1),
)


# Of one data space, added by calls. Each answer about it names them all.
MOST_FEATURES = 100


class LimitReachedError(Exception):
    """Nothing was made, because `limit` is reached."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.number)
        self.limit = limit

    @property
    def text(self) -> str:
        """What people read."""
        return str(self.limit.text) % {"number": self.limit.number}
