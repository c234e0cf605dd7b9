"""The notices at the top of Payment Services, at most one of each kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from connector.connection import Connection
from connector.environment import Environment
from payments.models import Merchant
from payments.onboarding import Stage

# The type of data space that Adobe's guide pairs each environment's keys with.
FITTING: Mapping[Environment, str] = {Environment.SANDBOX: "Testing", Environment.PRODUCTION: "Production"}


@dataclass(frozen=True)
class Notice:
    """A text for the top of the page. `look` is that of a message; `dismiss_url` hides it for this person."""

    text: str
    look: str = ""
    dismiss_url: str = ""
    link_url: str = ""
    link_text: str = ""


def find(
    stored: Connection, stages: Mapping[Environment, Stage], former: Sequence[Merchant], user_id: Any
) -> list[Notice]:
    """Return the notices for one person, in the order of the page. `former` are merchants of another data space."""
    notices = []
    if stored.is_connected and stored.active_environment is Environment.SANDBOX:
        notices.append(Notice(_("Sandbox mode: no real payments are taken.")))
    notices += _revoked(stages, user_id)[:1]
    expected = FITTING[stored.active_environment]
    if stored.is_connected and stored.data_space_type in FITTING.values() and stored.data_space_type != expected:
        text = _(
            "The %(environment)s keys work in a data space of the type %(type)s. That is allowed; Adobe’s guide pairs "
            "them with the type %(expected)s."
        )
        names = {"environment": stored.active_environment.badge, "type": stored.data_space_type, "expected": expected}
        notices.append(Notice(text % names, "warning"))
    if stored.is_connected and former:
        text = _(
            "The data space was changed. Each data space has an onboarding of its own; that of the former one stays "
            "until it is reset."
        )
        link = f"{reverse('payments:settings')}#former-merchants"
        notices.append(Notice(text, link_url=link, link_text=_("Show the former onboarding")))
    return notices


def _revoked(stages: Mapping[Environment, Stage], user_id: Any) -> list[Notice]:
    revoked = [stage for stage in stages.values() if stage.is_possible and stage.merchant.status == "REVOKED"]
    text = _("%(environment)s: you took the consent back in your PayPal account, so orders cannot be processed.")
    return [
        Notice(
            text % {"environment": stage.environment.badge},
            "error",
            dismiss_url=reverse("payments:dismiss", args=[stage.merchant.pk]),
        )
        for stage in revoked
        if user_id not in stage.merchant.dismissed_by
    ]
