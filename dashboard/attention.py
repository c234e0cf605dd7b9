"""The things that need attention, from stored state only. Each has a link to where people deal with it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.audit.overview import MOST, Overview, Row
from backend.audit.permissions import SEE_LOG
from backend.frame import proxy
from backend.frame.templates import ago
from backend.people.actions import Action as PeopleAction
from connector.action_log import Action
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import KeyringError
from connector.headline import Tone
from connector.keys import keyring
from connector.permissions import CONFIGURE, MANAGE_KEY
from connector.rekey import reencryption
from connector.slot import Slot
from payments.onboarding import Stage
from payments.permissions import USE_PAYMENTS
from payments.report import attention as orders

SIGN_INS_COUNT = timedelta(hours=24)


@dataclass(frozen=True)
class Item:
    """One thing to look at, and the link that leads there, unless it has to be dealt with on the server."""

    tone: Tone
    text: str
    url: str = ""
    label: str = ""
    is_outside: bool = False


def items(request: HttpRequest, stored: Connection, overview: Overview, stages: Iterable[Stage]) -> list[Item]:
    """Return what needs the attention of the person who asks, the worst first. Orders take one query."""
    user = request.user
    may_configure = user.has_perm(CONFIGURE)
    may_see = may_configure or user.has_perm(USE_PAYMENTS)
    found = list(_pairs(stored, may_configure=may_configure)) if may_see else []
    found += _onboarding(stages)
    if user.has_perm(USE_PAYMENTS) and stored.data_space_id:
        source, counts = orders.load(stored, stored.active_environment)
        found += _orders(orders.items(source, counts, stored.now))
    found += _changes(overview.unseen, may_see_log=user.has_perm(SEE_LOG))
    if overview.failed:
        found.append(_sign_ins(overview, stored))
    if user.has_perm(MANAGE_KEY):
        if text := proxy.trouble(request):
            found.append(Item(Tone.OPEN, str(text)))
        found += _encryption_keys(stored)
    return found


def _pairs(stored: Connection, *, may_configure: bool) -> Iterator[Item]:
    """Yield the pairs that do not work, then the API keys that somebody should delete.

    The banner has the active pair already, but does not say that a deleted key is still entered.
    """
    for slot in stored.slots.values():
        advice = slot.advise() if slot.is_blocked and slot.has_any_half else None
        if advice is None or (slot is stored.active and not slot.is_deleted):
            continue
        text = advice.headline
        if slot.is_deleted:
            text = _("The %(badge)s API key …%(end)s was deleted in the API Portal, but it is still entered here")
            text %= _key(slot, slot.api_key)
        url, label = f"{reverse('guide_page', args=['verification-result'])}#{advice.cause}", _("What this cause means")
        if may_configure:
            url, label = f"{reverse('connector:configuration')}#{advice.anchor}", _("Open the configuration")
        yield Item(Tone.BAD, text, url, label)
    for slot in stored.slots.values():
        if may_configure and _is_replaced(slot, stored):
            text = _("The former %(badge)s API key …%(end)s is not in use any more: delete it in the API Portal")
            text %= _key(slot, slot.former_api_key)
            yield Item(Tone.OPEN, text, settings.API_PORTAL_URL, _("Open the API Portal"), is_outside=True)


def _onboarding(stages: Iterable[Stage]) -> Iterator[Item]:
    """Yield the environments whose payments do not arrive since PayPal waits for the merchant."""
    texts = {
        "REVOKED": _("%(badge)s: the consent was taken back at PayPal, so orders cannot be processed"),
        "UNVERIFIED": _("%(badge)s: the e-mail address is not confirmed at PayPal, so no payment arrives"),
    }
    for stage in stages:
        text = texts.get(stage.merchant.status) if stage.is_possible else None
        if text:
            url = f"{reverse('payments:home')}#onboarding-{stage.environment}"
            yield Item(Tone.BAD, text % {"badge": stage.environment.badge}, url, _("Open Payment Services"))


def _orders(found: Iterable[orders.Item]) -> Iterator[Item]:
    """Yield what Payment Services says of the orders of the active environment."""
    for item in found:
        yield Item(item.tone, item.title, item.url, _("Open the report"))


def _key(slot: Slot, api_key: str) -> dict[str, str]:
    return {"badge": slot.environment.badge, "end": api_key[-4:]}


def _is_replaced(slot: Slot, stored: Connection) -> bool:
    """Return whether a pair that works took the place of another one, whose API key nothing uses any more."""
    in_use = {other.api_key for other in stored.slots.values()}
    return slot.is_verified and bool(slot.former_api_key) and slot.former_api_key not in in_use


def _changes(unseen: tuple[Row, ...], *, may_see_log: bool) -> Iterator[Item]:
    """Yield the newest change of each environment's pair by somebody else that this person has not seen."""
    texts = {
        Action.KEYS_SAVED: _("%(person)s saved the %(badge)s keys %(age)s"),
        Action.KEYS_REPLACED: _("%(person)s replaced the %(badge)s keys %(age)s"),
        Action.KEYS_RESTORED: _("%(person)s restored the former %(badge)s keys %(age)s"),
        Action.KEYS_REMOVED: _("%(person)s removed the %(badge)s keys %(age)s"),
        Action.PAIR_MOVED: _("%(person)s moved a key pair to the %(badge)s keys %(age)s"),
    }
    newest = {row.subject: row for row in reversed(unseen)}
    url, label = reverse("notifications"), _("See the notifications")
    if may_see_log:
        url, label = reverse("action_logs"), _("See the action log")
    for subject, row in newest.items():
        names = {"person": row.person, "badge": Environment(subject).badge, "age": ago(row.at)}
        yield Item(Tone.OPEN, texts[Action(row.action)] % names, url, label)


def _sign_ins(overview: Overview, stored: Connection) -> Item:
    count = overview.failed
    text = ngettext(
        "%(count)s sign-in was refused in the last 24 hours",
        "%(count)s sign-ins were refused in the last 24 hours",
        count,
    ) % {"count": f"{MOST - 1}+" if count >= MOST else count}
    start = (stored.now - SIGN_INS_COUNT).date().isoformat()
    query = urlencode({"action": PeopleAction.SIGN_IN_FAILED.value, "start": start})
    return Item(Tone.OPEN, text, f"{reverse('action_logs')}?{query}", _("See the action log"))


def _encryption_keys(stored: Connection) -> Iterator[Item]:
    """Yield the next step on the way to taking out an old encryption key, if there is one."""
    with suppress(KeyringError):
        if len(keyring.default().key_ids) == 1:
            return
        pairs = [pair for slot in stored.slots.values() for pair in (slot.pair, slot.former) if pair and pair.is_stored]
        report = reencryption.report_of(pairs)
        spare = [key.key_id for key in report.keys if key.may_go]
        page, label = reverse("encryption_key"), _("Manage Encryption Key")
        if report.old:
            yield Item(Tone.OPEN, _("Stored keys still need an older encryption key: re-encrypt them"), page, label)
        elif spare:
            text = ngettext(
                "No stored value needs the encryption key %(keys)s: it can be taken out",
                "No stored value needs the encryption keys %(keys)s: they can be taken out",
                len(spare),
            )
            yield Item(Tone.OPEN, text % {"keys": ", ".join(spare)}, page, label)
