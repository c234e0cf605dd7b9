"""What grows, and whether somebody clears it: people, sessions, the action log."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.utils import timezone

from backend.audit.models import LoggedAction
from connector.doctor.findings import Finding, fine, wrong

# `maintain` runs once a day, and may be late.
_OVERDUE = timedelta(days=2)
_MANY_ROWS = 1_000_000


def people() -> Iterator[Finding]:
    """Find out whether anybody can administer users."""
    active = get_user_model().objects.filter(is_active=True)
    administrators = sum(person.has_usable_password() for person in active.filter(is_superuser=True))
    if administrators:
        yield fine(f"{active.count()} active users, {administrators} of them administrators")
    else:
        yield wrong("No active administrator has a password.", "python manage.py people admin NAME")


def sessions() -> Iterator[Finding]:
    """Count sessions. Ended ones that are still there show that nobody runs `maintain`."""
    now = timezone.now()
    going_on = Session.objects.filter(expire_date__gt=now).count()
    ended = Session.objects.filter(expire_date__lte=now).count()
    yield fine(f"{going_on} sessions go on, {ended} have ended")
    if Session.objects.filter(expire_date__lt=now - _OVERDUE).exists():
        text = f"Sessions that ended more than {_OVERDUE.days} days ago are still there: maintain did not run."
        yield wrong(text, "Let a scheduler run manage.py maintain once a day.")


def action_log() -> Iterator[Finding]:
    """Say how long the action log is."""
    rows = LoggedAction.objects.count()
    oldest = LoggedAction.objects.order_by("pk").values_list("at", flat=True).first()
    text = f"{rows} rows since {oldest:%Y-%m-%d}" if oldest else "no rows"
    remedy = "Set ACTION_LOG_DAYS, by your privacy rules: manage.py maintain deletes older rows then."
    yield fine(text) if rows < _MANY_ROWS else wrong(text, remedy)
