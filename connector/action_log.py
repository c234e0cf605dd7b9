"""The action log: who did what, when, from where, with which result, and what was there before and after.

Rows are added by `record` alone. They hold fingerprints, ids and names, never a key or a password.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connector import actor
from connector.actor import Actor
from connector.causes import Cause
from connector.environment import Environment
from connector.leaks import without_keys

MAX_TEXT = 1000
# Each word costs a look at every row.
MAX_WORDS = 5
VERIFIED = "verified"


class Action(models.TextChoices):
    """What was done, or tried."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGNED_OUT = "signed_out", _("Signed out")
    KEYS_SAVED = "keys_saved", _("Keys saved")
    KEYS_REPLACED = "keys_replaced", _("Keys replaced")
    KEYS_RESTORED = "keys_restored", _("Keys restored")
    KEYS_REMOVED = "keys_removed", _("Keys removed")
    FORMER_KEYS_ERASED = "former_keys_erased", _("Former keys erased")
    PAIR_MOVED = "pair_moved", _("Key pair moved")
    VERIFIED = "verified", _("Key pair verified")
    REJECTED = "rejected", _("Key pair rejected")
    ENVIRONMENT_SWITCHED = "environment_switched", _("Active environment switched")
    PROJECT_CHOSEN = "project_chosen", _("Project chosen")
    PROJECT_BEGUN = "project_begun", _("Project creation begun")
    PROJECT_CREATED = "project_created", _("Project created")
    PROJECT_RENAMED = "project_renamed", _("Project renamed")
    DATA_SPACE_CHOSEN = "data_space_chosen", _("Data space chosen")
    DATA_SPACE_RENAMED = "data_space_renamed", _("Data space renamed")
    DATA_SPACE_CLEARED = "data_space_cleared", _("Data space cleared")
    IDENTIFIER_ERASED = "identifier_erased", _("Former project and data space erased")
    INSTANCE_MOVED = "instance_moved", _("Instance moved")
    INSTANCE_COPIED = "instance_copied", _("Instance became a copy")
    ADDRESS_ADDED = "address_added", _("Address of the instance added")
    INSTANCE_RENAMED = "instance_renamed", _("Instance renamed")
    USER_CREATED = "user_created", _("User created")
    USER_CHANGED = "user_changed", _("User changed")
    USER_DELETED = "user_deleted", _("User deleted")
    ROLE_CREATED = "role_created", _("Role created")
    ROLE_CHANGED = "role_changed", _("Role changed")
    ROLE_DELETED = "role_deleted", _("Role deleted")
    LOG_EXPORTED = "log_exported", _("Action log exported")
    REENCRYPTED = "reencrypted", _("Stored values re-encrypted")


# What the bell tells: what can make payments stop or work again.
EVENTS = frozenset(
    {
        Action.VERIFIED,
        Action.REJECTED,
        Action.KEYS_REPLACED,
        Action.KEYS_RESTORED,
        Action.KEYS_REMOVED,
        Action.PAIR_MOVED,
        Action.DATA_SPACE_CHOSEN,
        Action.DATA_SPACE_CLEARED,
        Action.INSTANCE_MOVED,
        Action.INSTANCE_COPIED,
    }
)


class Result(models.TextChoices):
    """How it ended."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class Refusal(models.TextChoices):
    """Why something was refused, where that is none of the causes of a connection that does not work."""

    STALE = "stale", _("Saved again meanwhile, in another tab or by somebody else")
    IDENTIFIER = "identifier", _("The project or data space cannot be used")
    NOT_CONFIRMED = "not_confirmed", _("The data space's name was not typed to confirm it")
    SWITCH_NOT_CONFIRMED = "switch_not_confirmed", _("The switch of the active environment was not confirmed")
    OCCUPIED = "occupied", _("Another instance uses the data space")
    ONE_AT_A_TIME = "one_at_a_time", _("Keys and project or data space in one save")
    TOO_MANY_ADDRESSES = "too_many_addresses", _("As many addresses as are remembered are known already")
    LICENSE = "license", _("The license of the account allows no more projects")
    LOCKED = "locked", _("Set by the environment of the server process")
    CREDENTIALS = "credentials", _("User name or password is wrong, or the user is not active")
    TOO_MANY_TRIES = "too_many_tries", _("Too many tries in a short time")
    NOT_ALLOWED = "not_allowed", _("Not allowed")


# The names that a fact may have in the texts of before and after; a name that is not here is shown as it is.
FACTS: Mapping[str, Promise] = {
    "api_key": _("API key"),
    "fingerprint": _("Fingerprint"),
    "id": _("Id"),
    "name": _("Name"),
    "type": _("Type"),
    "instance_id": _("Instance id"),
    "addresses": _("Addresses"),
    "user_name": _("User name"),
    "email": _("Email"),
    "active": _("Active"),
    "administrator": _("Administrator"),
    "roles": _("Roles"),
    "resources": _("Resources"),
    "password": _("Password"),
    "filter": _("Filter"),
}


def facts(**values: object) -> str:
    """Return `values` as the text of before or after: one `name: value` a line, without those that are empty."""
    lines = (f"{name}: {' '.join(str(value).split())}" for name, value in values.items() if value not in {None, ""})
    return "\n".join(lines)


class LoggedActionQuerySet(models.QuerySet["LoggedAction"]):
    """The log as sets."""

    def newest_first(self) -> Self:
        """Order by time."""
        return self.order_by("-at", "-pk")

    def containing(self, text: str) -> Self:
        """Keep what holds every word of `text`, five at most, in its person, address, subject, before or after.

        The reason is found by its code and by how it reads in the language of the page.
        """
        found = self
        for word in text.split()[:MAX_WORDS]:
            columns = ("user_name", "address", "subject", "before", "after")
            holds = Q.create([(f"{column}__icontains", word) for column in columns], connector=Q.OR)
            found = found.filter(holds | Q(cause__in=_reasons_with(word)))
        return found

    def between(self, start: datetime | None, end: datetime | None) -> Self:
        """Keep what happened from `start` to `end`, both included; None is no limit."""
        found = self.filter(at__gte=start) if start else self
        return found.filter(at__lte=end) if end else found

    def events(self) -> Self:
        """Return the connection events, newest first."""
        return self.filter(is_event=True).order_by("-pk")

    def events_for(self, user_id: Any) -> Self:
        """Return the connection events, newest first, each with `is_new`: not seen yet by this person."""
        seen = SeenEvents.objects.filter(user_id=user_id).values("up_to")
        return (
            self.events()
            .annotate(seen_up_to=Coalesce(Subquery(seen), 0))
            .annotate(is_new=models.Case(models.When(pk__gt=F("seen_up_to"), then=True), default=False))
        )


class LoggedAction(models.Model):
    """One row of the log. It is written once: nothing changes or deletes it."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # The name stays when the user is deleted. Without one it was this system itself, or somebody unknown.
    user_name = models.CharField(max_length=150, blank=True)
    address = models.GenericIPAddressField(null=True, unpack_ipv4=True)
    action = models.CharField(max_length=32, choices=Action.choices)
    subject = models.CharField(max_length=255, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    cause = models.CharField(max_length=32, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    is_event = models.BooleanField(default=False)
    # What `events_for` adds.
    is_new: bool

    objects: ClassVar = LoggedActionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("view_action_log", _("See the action log"))]
        indexes = [
            models.Index(fields=["at", "id"], name="connector_log_by_time"),
            models.Index(fields=["user_name", "at"], name="connector_log_by_person"),
            models.Index(fields=["action", "at"], name="connector_log_by_action"),
            models.Index(fields=["result", "at"], name="connector_log_by_result"),
            models.Index(fields=["id"], name="connector_log_events", condition=Q(is_event=True)),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.user_name or '-'} {self.action} {self.subject}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the row. Raises TypeError for one that is there already."""
        if not self._state.adding:
            message = "A row of the action log is never changed."
            raise TypeError(message)
        super().save(*args, **kwargs)

    @property
    def is_done(self) -> bool:
        """Whether it was done, not refused."""
        return self.result == Result.DONE

    @property
    def action_label(self) -> str:
        """What was done; the framework's `get_action_display` translates every choice to find one."""
        return str(Action(self.action).label)

    @property
    def result_label(self) -> str:
        """How it ended."""
        return str(Result(self.result).label)

    @property
    def subject_label(self) -> str:
        """What it was done to: an environment, a user, a role, a project or a data space, by its name."""
        return _label(self.subject)

    @property
    def cause_label(self) -> str:
        """Why it was refused."""
        return _label(self.cause)

    @property
    def before_text(self) -> str:
        """What was there before, for people: a fact a line."""
        return _read(self.before)

    @property
    def after_text(self) -> str:
        """What is there since, for people."""
        return _read(self.after)


_LABELS: Mapping[str, Promise | str] = {
    one.value: one.label for choices in (Environment, Cause, Refusal) for one in choices
} | {VERIFIED: Action.VERIFIED.label}


def _reasons_with(word: str) -> list[str]:
    """Return the codes of every cause and refusal whose code or label holds `word`."""
    reasons = ((one.value, str(one.label)) for choices in (Cause, Refusal) for one in choices)
    return [code for code, label in reasons if word.casefold() in f"{code} {label}".casefold()]


def _label(code: str) -> str:
    return str(_LABELS.get(code, code))


def _read(text: str) -> str:
    """Return the text of before or after with the names that people know."""
    return "\n".join(_fact(*line.partition(": ")) for line in text.splitlines())


def _fact(name: str, colon: str, value: str) -> str:
    return f"{FACTS.get(name, name)}{colon}{value}" if colon else _label(name)


class SeenEventsQuerySet(models.QuerySet["SeenEvents"]):
    """What people have seen, as a set."""

    def advance(self, user_id: Any, up_to: int) -> None:
        """Note that this person has seen every event up to the row `up_to`; it never goes back."""
        row, is_new = self.get_or_create(user_id=user_id, defaults={"up_to": up_to})
        if not is_new:
            self.filter(pk=row.pk, up_to__lt=up_to).update(up_to=up_to)


class SeenEvents(models.Model):
    """The newest connection event that a person has seen in the bell."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    up_to = models.BigIntegerField()

    objects: ClassVar = SeenEventsQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.up_to)


def record(
    action: Action,
    subject: str = "",
    *,
    before: str = "",
    after: str = "",
    refusal: str = "",
    who: Actor | None = None,
) -> None:
    """Add one row; without `who`, as done by the person whose request is being answered.

    Call it inside the transaction of the change, so that there is neither one without the other. `before` and `after`
    are a code, or what `facts` returns; both show on pages and in the export, so no secret may be in them. What may be
    part of a private key is left out of these texts, wherever it comes from. `refusal` is a `Cause` or a `Refusal`;
    without one the action was done.
    """
    who = who or actor.current()
    LoggedAction.objects.create(
        user_id=who.user_id,
        user_name=who.name[:150],
        address=who.address,
        action=action,
        subject=without_keys(subject)[:255],
        result=Result.REFUSED if refusal else Result.DONE,
        cause=refusal,
        before=without_keys(before)[:MAX_TEXT],
        after=without_keys(after)[:MAX_TEXT],
        is_event=action in EVENTS and (not refusal or action == Action.REJECTED),
    )
