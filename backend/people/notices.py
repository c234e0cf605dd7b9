"""E-mails about a change of how a person signs in, so that they notice one that they did not make."""

from functools import partial

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backend.audit import actor
from backend.people import mail

# By the last part of the names of allauth's own e-mails, or by a name of ours.
TEXTS = {
    "email_changed": _("Your email address was changed. Messages no longer come to this one."),
    "password_changed": _("Your password was changed."),
    "password_given": _("Somebody else set a new password for you. You choose another one at the next sign-in."),
    "password_reset": _("Your password was changed, with the link of an email to this address."),
    "recovery_codes_generated": _("New recovery codes were made. The former ones no longer work."),
    "totp_activated": _("An authenticator app was added to your sign-in."),
    "totp_deactivated": _("The authenticator app was removed from your sign-in."),
    "webauthn_added": _("A passkey was added to your sign-in."),
    "webauthn_removed": _("A passkey was removed from your sign-in."),
}
OTHER = _("The way you sign in was changed.")


def send(person: User, code: str, address: str = "") -> None:
    """Send `person` a notice once the change is committed, to their own or a former `address`."""
    if to := address or person.email:
        transaction.on_commit(partial(_send, person.username, to, code, actor.current()))


def _send(username: str, to: str, code: str, who: actor.Actor) -> None:
    if not mail.is_set_up():
        return
    context = {
        "username": username,
        "what": TEXTS.get(code, OTHER),
        "now": timezone.now(),
        "time_zone": settings.TIME_ZONE,
        "who": actor.shown(who.name),
        # The address of somebody else is none of their business.
        "address": who.address if who.name in {"", username} else "",
    }
    subject, text = (render_to_string(f"account/email/notice_{part}.txt", context) for part in ("subject", "message"))
    mail.later(mail.message(subject, text, to).send)
