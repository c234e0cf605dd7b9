"""What an action did, or why it did nothing, in sentences: a page shows them as a message, a command prints them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Outcome:
    """What there is to say. `level` is that of a message."""

    sentences: tuple[str, ...]
    level: int = messages.SUCCESS


def show(request: HttpRequest, outcome: Outcome | None) -> None:
    """Show an outcome as one message on the next page; nothing where there is nothing to say."""
    if outcome:
        messages.add_message(request, outcome.level, " ".join(outcome.sentences))


def saved(saved: Saved, emptied: Iterable[Environment] = ()) -> Outcome:
    """Say what was saved, repaired and verified, and which key may go; not what is wrong with a pair.

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
            "The former key …%(end)s can be restored for 30 days. Keep it in the API Portal until the new pair is "
            "verified."
        )
        if saved.findings[environment].is_verified:
            text = _(
                "The former key …%(end)s is no longer used by this Admin: delete it in the API Portal (in 24 hours, if "
                "another program may still use it)."
            )
        sentences.append(text % {"end": api_key[-4:]})
    return _of(saved.findings, *sentences, *_kept(emptied))


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


def unchanged(plan: SavePlan, emptied: Iterable[Environment] = ()) -> Outcome:
    """Say that there was nothing to save, or that a pair to insist on was not sent again."""
    if plan.insist:
        text = _(
            "Nothing was saved: to replace the working key pair, paste its new private key again and tick the box."
        )
        return Outcome((text,), messages.WARNING)
    return Outcome((*_kept(emptied), _("Nothing was changed, so nothing was saved.")), messages.INFO)


def moved(target: Environment, findings: Mapping[Environment, Verification], *, is_switched: bool) -> Outcome:
    """Say that the pair moved, whether `target` is the active environment now, and what its check found."""
    text = _("The key pair was moved to %(environment)s Keys.")
    if is_switched:
        text = _(
            "The key pair was moved to %(environment)s Keys, and the active environment is %(environment)s now: "
            "Payment Services uses this pair."
        )
    found = [_found(environment, finding) for environment, finding in findings.items()]
    return _of(findings, text % {"environment": target.label}, *found)


def removed(environment: Environment) -> Outcome:
    return Outcome((_("%(environment)s keys were removed.") % {"environment": environment.label},))


def erased(environment: Environment) -> Outcome:
    return Outcome((_("The former %(environment)s pair was erased.") % {"environment": environment.label},))


def switched(environment: Environment) -> Outcome:
    return Outcome((_("%(environment)s is the active environment now.") % {"environment": environment.label},))


def created(*, is_chosen: bool) -> Outcome:
    """Say that a project was created, and what to do next."""
    if is_chosen:
        return Outcome((_("Project created and chosen. Choose its data space now."),))
    return Outcome((_("Project created. Choose it under Project and save, if this instance is to use it."),))


def found(findings: Mapping[Environment, Verification]) -> Outcome | None:
    """Say of each environment what the gateway found; not what is wrong, and what to do."""
    return _of(findings, *(_found(*finding) for finding in findings.items())) if findings else None


def _of(findings: Mapping[Environment, Verification], *sentences: str) -> Outcome:
    """Return `sentences` as a success, unless a pair is not verified."""
    is_verified = all(finding.is_verified for finding in findings.values())
    return Outcome(sentences, messages.SUCCESS if is_verified else messages.WARNING)


def tried(findings: Mapping[Environment, Verification]) -> Outcome | None:
    """Say which checks had no result just now. The page itself explains it."""
    unknown = [_found(*finding) for finding in findings.items() if finding[1].kind is Kind.UNKNOWN]
    return Outcome((*unknown,), messages.WARNING) if unknown else None


def not_asked(slot: Slot) -> Outcome | None:
    """Say why the gateway was not asked: somebody is asking it, or there is nothing to ask with."""
    if slot.credentials:
        text = _("%(environment)s is being verified already. The result is here in a few seconds: open the page again.")
        return Outcome((text % {"environment": slot.environment.label},), messages.INFO)
    advice = slot.advise()
    return Outcome((advice.explanation, advice.next_step), messages.ERROR) if advice else None


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
