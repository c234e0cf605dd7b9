"""Telling a person what an action did, as messages on the next page."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connector import connection
from connector.configuration.change import Change
from connector.configuration.save import Saved
from connector.connection import Slot
from connector.environment import Environment
from connector.errors import (
    BusyError,
    ConnectorError,
    GatewayError,
    IdentifierError,
    NothingToRestoreError,
    OccupiedError,
    PairInTheWayError,
    PairMissingError,
    StaleRevisionError,
    TooManyAddressesError,
    UndecryptableError,
)
from connector.verification.advice import clock_time
from connector.verification.causes import Cause, Kind
from connector.verification.failed_call import cause_of
from connector.verification.finding import Finding


def say_saved(request: HttpRequest, change: Change, saved: Saved) -> None:
    """Say in one message what was saved, repaired and verified, then what is wrong where the page does not."""
    parts = [_("%(environment)s keys") % {"environment": one.label} for one in change.pairs]
    if saved.identifier:
        parts += _identifier_parts(change, saved)
    if saved.is_activated:
        parts.append(_("active environment %(environment)s") % {"environment": saved.active_environment.label})
    text = _("Restored: %(what)s.") if change.is_restored else _("Saved: %(what)s.")
    sentences = [text % {"what": ", ".join(parts)}]
    for environment, pair in change.pairs.items():
        if pair.private_key.repairs:
            sentences.append(
                _("The %(environment)s private key was repaired before it was saved: %(repairs)s.")
                % {"environment": environment.label, "repairs": ", ".join(pair.private_key.repairs)}
            )
    sentences += [_verified(one, finding) for one, finding in saved.findings.items() if finding.is_verified]
    messages.success(request, " ".join(sentences))
    stored = connection.load()
    on_page = {stored.active_environment} if stored.has_bad_keys else set()
    wrong = {one: finding for one, finding in saved.findings.items() if not finding.is_verified and one not in on_page}
    say_found(request, wrong)
    for environment, api_key in saved.former_keys.items():
        _say_former(request, saved.findings[environment], api_key)


def _say_former(request: HttpRequest, finding: Finding, api_key: str) -> None:
    """Say when the key that was replaced may go: once the new one is known to work."""
    text = _("The former key …%(end)s can be restored below. Keep it in the API Portal until the new pair is verified.")
    if finding.is_verified:
        text = _(
            "The former key …%(end)s is no longer used by this Admin: delete it in the API Portal (in 24 hours, if "
            "another program may still use it)."
        )
    messages.info(request, text % {"end": api_key[-4:]})


def say_unchanged(request: HttpRequest, change: Change) -> None:
    """Say that there was nothing to save, or that a pair to insist on was not sent again."""
    if change.insist:
        text = _(
            "Nothing was saved: to replace the working key pair, paste its new private key again and tick the box."
        )
        messages.warning(request, text)
    else:
        messages.info(request, _("Nothing was changed, so nothing was saved."))


def say_moved(request: HttpRequest, target: Environment, *, is_switched: bool) -> None:
    """Say that a pair was moved to the section of `target`, and that this one became active, if it was not."""
    text = _("The key pair was moved to %(environment)s Keys.")
    if is_switched:
        text = _(
            "The key pair was moved to %(environment)s Keys, and the active environment is %(environment)s now: "
            "Payment Services uses this pair."
        )
    messages.success(request, text % {"environment": target.label})


def _identifier_parts(change: Change, saved: Saved) -> list[str]:
    identifier = saved.identifier
    if identifier is None:
        return []
    parts = []
    if change.project_id is not None:
        parts.append(
            _("project “%(name)s”") % {"name": identifier.project_name} if identifier.project_id else _("no project")
        )
    if identifier.data_space_id:
        parts.append(_("data space “%(name)s”") % {"name": identifier.data_space_name})
    else:
        parts.append(_("no data space"))
    return parts


def say_found(request: HttpRequest, findings: Mapping[Environment, Finding]) -> None:
    """Say of each environment what the gateway found."""
    stored = connection.load()
    for environment, finding in findings.items():
        slot = stored.slots[environment]
        # The words of the page, where it shows the same cause.
        advice = slot.advise() if slot.cause is finding.cause else finding.advice
        if advice is None:
            messages.success(request, _verified(environment, finding))
            continue
        text = _("%(environment)s: %(explanation)s %(next_step)s") % {
            "environment": environment.label,
            "explanation": advice.explanation,
            "next_step": advice.next_step,
        }
        level = messages.WARNING if finding.kind is Kind.UNKNOWN else messages.ERROR
        messages.add_message(request, level, text)


def say_tried(request: HttpRequest, findings: Mapping[Environment, Finding]) -> None:
    """Say what was tried just now without a result, where the page itself explains it."""
    for environment, finding in findings.items():
        if finding.cause and finding.kind is Kind.UNKNOWN:
            text = _("%(environment)s: tried just now, without a result: %(cause)s.")
            messages.warning(request, text % {"environment": environment.label, "cause": finding.cause.label})


def say_not_asked(request: HttpRequest, slot: Slot) -> None:
    """Say why the gateway was not asked: somebody is asking it, or there is nothing to ask with."""
    if slot.credentials:
        text = _("%(environment)s is being verified already. The result is here in a few seconds: open the page again.")
        messages.info(request, text % {"environment": slot.environment.label})
    elif advice := slot.advise():
        messages.error(request, f"{advice.explanation} {advice.next_step}")


def _verified(environment: Environment, finding: Finding) -> str:
    if finding.account is None:
        return _("%(environment)s: the key pair was verified.") % {"environment": environment.label}
    return _("%(environment)s: the key pair was verified for %(organization)s (%(mage_id)s).") % {
        "environment": environment.label,
        "organization": finding.account.organization_name,
        "mage_id": finding.account.mage_id,
    }


def say_cleared(request: HttpRequest, environments: Iterable[Environment]) -> None:
    """Tell that an emptied API key was kept, and how keys are removed."""
    for environment in environments:
        messages.info(
            request,
            _("The %(environment)s API key was left empty, so the stored one was kept. Remove keys removes a pair.")
            % {"environment": environment.label},
        )


_FAILURES: Mapping[type[ConnectorError], Promise] = {
    StaleRevisionError: gettext_lazy(
        "Nothing was changed: the configuration was saved again after you opened it, in another tab or by somebody "
        "else. Look at it again, then repeat what you did."
    ),
    BusyError: gettext_lazy(
        "Nothing was changed: this configuration is being changed at this moment, in another tab or by somebody else. "
        "Wait a few seconds, look at it again, then repeat what you did."
    ),
    PairInTheWayError: gettext_lazy(
        "Nothing was moved: it would replace a pair that works or that only its encryption key can open."
    ),
    PairMissingError: gettext_lazy(
        "There is no key pair that this can be done with. Enter the keys of the active environment first."
    ),
    NothingToRestoreError: gettext_lazy(
        "There is nothing to restore any more: its 30 days are over, or somebody else did it."
    ),
    TooManyAddressesError: gettext_lazy(
        "Nothing was changed: this Admin has as many addresses as are remembered. Open it at one of them, or say that "
        "it has moved where they are no longer used: that forgets them."
    ),
    UndecryptableError: gettext_lazy(
        "The former pair does not open with any encryption key, so nothing was changed. Ask whoever runs this server "
        "to restore the key that it was stored with."
    ),
}


def say_failed(request: HttpRequest, error: ConnectorError) -> None:
    """Tell why an action did nothing, and what to do."""
    messages.error(request, _failure(error))


def _failure(error: ConnectorError) -> str:
    if isinstance(error, IdentifierError):
        return str(error)
    if isinstance(error, OccupiedError):
        return _(
            "“%(name)s” works in this data space now. Nothing was changed: choose it below, if both are to use it."
        ) % {"name": error.name}
    if isinstance(error, GatewayError):
        return _failure_of_gateway(error)
    if type(error) not in _FAILURES:
        raise error
    return str(_FAILURES[type(error)])


def _failure_of_gateway(error: GatewayError) -> str:
    cause = cause_of(error, timezone.now())
    if cause is Cause.RATE_LIMITED:
        again_at = timezone.now() + timedelta(seconds=error.retry_after_s or 0)
        text = _("Nothing was changed: %(cause)s. Try again at %(time)s or later.")
        return text % {"cause": cause.label, "time": clock_time(again_at)}
    text = _("Nothing was changed: %(cause)s. %(next_step)s")
    if cause in {Cause.TIMEOUT, Cause.GATEWAY_ERROR}:
        text = _("%(cause)s, so it is not known whether it was done. Look at the list before you repeat it.")
    return text % {"cause": cause.label, "next_step": cause.row.next_step}
