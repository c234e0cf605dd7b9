"""What an action did, or why it did nothing: as messages on the next page, or in the form that was sent."""

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext as _

from connector.configuration.plan import SavePlan
from connector.configuration.save import Saved
from connector.environment import Environment
from connector.errors import ConnectorError
from connector.models import Verification
from connector.slot import Slot
from connector.verification.row import Kind


def saved(request: HttpRequest, saved: Saved, emptied: Iterable[Environment] = ()) -> None:
    """Say in one message what was saved, repaired and verified, and which key may go. The page says what is wrong.

    `emptied` are the environments whose API key was left empty.
    """
    plan = saved.plan
    text = _("Restored: %(what)s.") if plan.is_restored else _("Saved: %(what)s.")
    sentences = [text % {"what": ", ".join(_changed(plan))}]
    for environment, pair in plan.pairs.items():
        if pair.private_key.repairs:
            sentences.append(
                _("The %(environment)s private key was repaired before it was saved: %(repairs)s.")
                % {"environment": environment.label, "repairs": ", ".join(pair.private_key.repairs)}
            )
    sentences += [_found(environment, finding) for environment, finding in saved.findings.items()]
    for environment, api_key in plan.replaced_keys.items():
        text = _(
            "The former key …%(end)s can be restored below. Keep it in the API Portal until the new pair is verified."
        )
        if saved.findings[environment].is_verified:
            text = _(
                "The former key …%(end)s is no longer used by this Admin: delete it in the API Portal (in 24 hours, if "
                "another program may still use it)."
            )
        sentences.append(text % {"end": api_key[-4:]})
    _add(request, [*sentences, *_kept(emptied)], saved.findings)


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


def unchanged(request: HttpRequest, plan: SavePlan, emptied: Iterable[Environment]) -> None:
    """Say that there was nothing to save, or that a pair to insist on was not sent again."""
    if plan.insist:
        text = _(
            "Nothing was saved: to replace the working key pair, paste its new private key again and tick the box."
        )
        messages.warning(request, text)
    else:
        sentences = [*_kept(emptied), _("Nothing was changed, so nothing was saved.")]
        messages.info(request, " ".join(sentences))


def moved(
    request: HttpRequest, target: Environment, findings: Mapping[Environment, Verification], *, is_switched: bool
) -> None:
    """Tell the person that the pair moved, whether `target` is the active environment now, and what its check found."""
    text = _("The key pair was moved to %(environment)s Keys.")
    if is_switched:
        text = _(
            "The key pair was moved to %(environment)s Keys, and the active environment is %(environment)s now: "
            "Payment Services uses this pair."
        )
    found = [_found(environment, finding) for environment, finding in findings.items()]
    _add(request, [text % {"environment": target.label}, *found], findings)


def found(request: HttpRequest, findings: Mapping[Environment, Verification]) -> None:
    """Say of each environment what the gateway found. The page says what is wrong, and what to do."""
    if findings:
        _add(request, [_found(environment, finding) for environment, finding in findings.items()], findings)


def _add(request: HttpRequest, sentences: list[str], findings: Mapping[Environment, Verification]) -> None:
    """Add the `sentences` as one message: a success, unless a pair is not verified."""
    is_verified = all(finding.is_verified for finding in findings.values())
    messages.add_message(request, messages.SUCCESS if is_verified else messages.WARNING, " ".join(sentences))


def tried(request: HttpRequest, findings: Mapping[Environment, Verification]) -> None:
    """Say which checks had no result just now. The page itself explains it."""
    for environment, finding in findings.items():
        if finding.kind is Kind.UNKNOWN:
            messages.warning(request, _found(environment, finding))


def not_asked(request: HttpRequest, slot: Slot) -> None:
    """Say why the gateway was not asked: somebody is asking it, or there is nothing to ask with."""
    if slot.credentials:
        text = _("%(environment)s is being verified already. The result is here in a few seconds: open the page again.")
        messages.info(request, text % {"environment": slot.environment.label})
    elif advice := slot.advise():
        messages.error(request, f"{advice.explanation} {advice.next_step}")


def _found(environment: Environment, finding: Verification) -> str:
    account = finding.account(environment)
    text = _("%(environment)s: the key pair was verified.")
    if finding.cause and finding.kind is Kind.UNKNOWN:
        text = _("%(environment)s: tried just now, without a result: %(cause)s.")
    elif finding.cause:
        text = _("%(environment)s: the key pair was not verified.")
    elif account:
        text = _("%(environment)s: the key pair was verified for %(organization)s (%(mage_id)s).")
    return text % {
        "environment": environment.label,
        "cause": finding.cause.label if finding.cause else "",
        "organization": account.organization_name if account else "",
        "mage_id": account.mage_id if account else "",
    }


def _kept(emptied: Iterable[Environment]) -> list[str]:
    """Return that an emptied API key was kept, and how keys are removed."""
    text = _("The %(environment)s API key was left empty, so the stored one was kept. Remove keys removes a pair.")
    return [text % {"environment": environment.label} for environment in emptied]


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
