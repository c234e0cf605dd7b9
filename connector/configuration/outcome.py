"""What an action did, or why it did nothing: as messages on the next page, or in the form that was sent."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from connector.configuration.plan import SavePlan
from connector.configuration.save import Saved
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError
from connector.models import Verification
from connector.slot import Slot
from connector.verification.causes import Kind


def saved(request: HttpRequest, saved: Saved) -> None:
    """Say in one message what was saved, repaired and verified, then what is wrong where the page does not."""
    plan = saved.plan
    text = _("Restored: %(what)s.") if plan.is_restored else _("Saved: %(what)s.")
    sentences = [text % {"what": ", ".join(_changed(plan))}]
    for environment, pair in plan.pairs.items():
        if pair.private_key.repairs:
            sentences.append(
                _("The %(environment)s private key was repaired before it was saved: %(repairs)s.")
                % {"environment": environment.label, "repairs": ", ".join(pair.private_key.repairs)}
            )
    sentences += [_verified(place, finding) for place, finding in saved.findings.items() if finding.is_verified]
    messages.success(request, " ".join(sentences))
    on_page = {saved.connection.active_environment} if saved.connection.has_bad_keys else set()
    wrong = {
        environment: finding
        for environment, finding in saved.findings.items()
        if not finding.is_verified and environment not in on_page
    }
    found(request, wrong, saved.connection)
    for environment, api_key in plan.replaced_keys.items():
        text = _(
            "The former key …%(end)s can be restored below. Keep it in the API Portal until the new pair is verified."
        )
        if saved.findings[environment].is_verified:
            text = _(
                "The former key …%(end)s is no longer used by this Admin: delete it in the API Portal (in 24 hours, if "
                "another program may still use it)."
            )
        messages.info(request, text % {"end": api_key[-4:]})


def _changed(plan: SavePlan) -> list[str]:
    """Return the names of what a save changed."""
    parts = [_("%(environment)s keys") % {"environment": environment.label} for environment in plan.pairs]
    if plan.project_id is not None:
        project = _("project “%(name)s”") % {"name": plan.identifier.project_name}
        parts.append(project if plan.identifier.project_id else _("no project"))
    if plan.changes_identifier:
        data_space = _("data space “%(name)s”") % {"name": plan.identifier.data_space_name}
        parts.append(data_space if plan.identifier.data_space_id else _("no data space"))
    if plan.is_activated:
        parts.append(_("active environment %(environment)s") % {"environment": plan.active_environment.label})
    return parts


def unchanged(request: HttpRequest, plan: SavePlan) -> None:
    """Say that there was nothing to save, or that a pair to insist on was not sent again."""
    if plan.insist:
        text = _(
            "Nothing was saved: to replace the working key pair, paste its new private key again and tick the box."
        )
        messages.warning(request, text)
    else:
        messages.info(request, _("Nothing was changed, so nothing was saved."))


def moved(request: HttpRequest, target: Environment, *, is_switched: bool) -> None:
    """Say that a pair was moved to the section of `target`, and that this one became active, if it was not."""
    text = _("The key pair was moved to %(environment)s Keys.")
    if is_switched:
        text = _(
            "The key pair was moved to %(environment)s Keys, and the active environment is %(environment)s now: "
            "Payment Services uses this pair."
        )
    messages.success(request, text % {"environment": target.label})


def found(request: HttpRequest, findings: Mapping[Environment, Verification], stored: Connection) -> None:
    """Say of each environment what the gateway found; `stored` is the connection afterwards."""
    for environment, finding in findings.items():
        slot = stored.slots[environment]
        # The words of the page, where it shows the same cause.
        advice = slot.advise() if slot.cause is finding.cause else finding.advice(environment)
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


def tried(request: HttpRequest, findings: Mapping[Environment, Verification]) -> None:
    """Say which checks had no result just now. The page itself explains it."""
    for environment, finding in findings.items():
        if finding.cause and finding.kind is Kind.UNKNOWN:
            text = _("%(environment)s: tried just now, without a result: %(cause)s.")
            messages.warning(request, text % {"environment": environment.label, "cause": finding.cause.label})


def not_asked(request: HttpRequest, slot: Slot) -> None:
    """Say why the gateway was not asked: somebody is asking it, or there is nothing to ask with."""
    if slot.credentials:
        text = _("%(environment)s is being verified already. The result is here in a few seconds: open the page again.")
        messages.info(request, text % {"environment": slot.environment.label})
    elif advice := slot.advise():
        messages.error(request, f"{advice.explanation} {advice.next_step}")


def _verified(environment: Environment, finding: Verification) -> str:
    account = finding.account(environment)
    if account is None:
        return _("%(environment)s: the key pair was verified.") % {"environment": environment.label}
    return _("%(environment)s: the key pair was verified for %(organization)s (%(mage_id)s).") % {
        "environment": environment.label,
        "organization": account.organization_name,
        "mage_id": account.mage_id,
    }


def cleared(request: HttpRequest, environments: Iterable[Environment]) -> None:
    """Say that an emptied API key was kept, and how keys are removed."""
    for environment in environments:
        messages.info(
            request,
            _("The %(environment)s API key was left empty, so the stored one was kept. Remove keys removes a pair.")
            % {"environment": environment.label},
        )


def refused(request: HttpRequest, error: ConnectorError) -> None:
    """Say why an action did nothing, and what to do. An error that has no text for people is raised again."""
    if not error.text:
        raise error
    messages.error(request, str(error.text))


def add_refusal(form: Form, error: ConnectorError) -> None:
    """Say in `form` why nothing was done: at the fields that it is about, or of the form as a whole."""
    if not error.text:
        raise error
    texts = error.texts if error.texts and error.texts.keys() <= form.fields.keys() else {error.field: error.text}
    for name, text in texts.items():
        form.add_error(name or None, ValidationError(str(text), code=error.code))
