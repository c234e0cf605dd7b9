"""The instance, its key pairs, and the encryption keys that hold them."""

from collections.abc import Iterator

from django.utils import timezone

from connector import connection
from connector.configuration import verify_now
from connector.doctor.findings import PATIENCE_S, Finding, fine, unknown, wrong
from connector.environment import Environment
from connector.errors import KeyringError
from connector.gateway.client import Deadline
from connector.models import KeyPair
from connector.rekey import reencryption
from connector.rekey.reencryption import Value
from connector.slot import Slot
from connector.verification.row import Kind


def instance() -> Iterator[Finding]:
    """Say what the instance works in, by ids: names are nobody’s business."""
    stored = connection.load()
    yield fine(
        f"Instance {stored.instance.instance_id}, revision {stored.instance.revision}, active environment "
        f"{stored.active_environment.value}, project {stored.project_id or 'none'}, data space "
        f"{stored.data_space_id or 'none'} ({stored.data_space_type or 'no type'}), addresses known: "
        f"{len(stored.instance.served_at)}"
    )
    if stored.variables:
        names = ", ".join(f"CONNECTOR_{name.upper()}" for name in stored.variables)
        yield fine(f"Environment variables set {names}.")
    if step := stored.next_step:
        yield wrong(f"Not configured yet. What is missing: {step.title}.", "Do that on the configuration page.")


def pairs() -> Iterator[Finding]:
    """Ask the gateways about both pairs, and store nothing of the answers."""
    stored = connection.load()
    asked = {slot.environment: slot.credentials for slot in stored.slots.values() if slot.credentials}
    findings = verify_now.ask(stored, asked, stored.data_space_id, Deadline(PATIENCE_S - 1))
    for environment, slot in stored.slots.items():
        name = f"{environment.value}{_pair(slot)}"
        found = findings.get(environment)
        advice = found.advice(environment) if found else slot.advise()
        if found and advice is None:
            yield fine(f"{name}: verified for {found.mage_id or 'an account without data spaces'}")
        elif slot is stored.inactive and not slot.has_any_half:
            yield fine(f"{environment.value}: no key pair")
        elif advice:
            finding = unknown if advice.cause.kind is Kind.UNKNOWN else wrong
            yield finding(f"{name}: {advice.cause.value}. {advice.explanation}", advice.next_step)


def _pair(slot: Slot) -> str:
    """Return what distinguishes the pair from another, in brackets; empty where nothing is known of it."""
    known = [f"key …{slot.api_key[-4:]}"] if slot.api_key else []
    known += [slot.fingerprint] if slot.fingerprint else []
    return f" ({', '.join(known)})" if known else ""


def key_ring() -> Iterator[Finding]:
    """Say which encryption keys there are, and which stored values need another one."""
    try:
        report = reencryption.read()
    except KeyringError as error:
        yield wrong(str(error), "Correct ENCRYPTION_KEYS. A new key: python manage.py rekey --generate")
        return
    for key in report.keys:
        if key.position:
            yield fine(f"Key {key.key_id} at position {key.position} holds {key.count} values.")
        else:
            text = f"{key.count} values need the key {key.key_id}, which is not in the ring."
            yield wrong(text, "Put it back into ENCRYPTION_KEYS, after the newest one.")
    unopened = [value for value in report.unopened if value.key_id in {"", *report.ring}]
    if unopened:
        places = ", ".join(_place(value) for value in unopened)
        remedy = "Restore a backup, or enter the pair again: python manage.py rekey --dry-run names the values."
        yield wrong(f"{len(unopened)} values are damaged: {places}.", remedy)


def _place(value: Value) -> str:
    """Return where `value` is stored; whose it is only where that is no person."""
    whose = value.owner.value if isinstance(value.owner, Environment) else "a person"
    return f"{value.place} of {whose}"


def former_pairs() -> Iterator[Finding]:
    """Find former pairs that should be erased by now."""
    now = timezone.now()
    for pair in KeyPair.objects.former().order_by("-environment"):
        until = pair.restorable_until
        yield fine(f"{pair.environment}: {pair.fingerprint}, can be restored until {until:%Y-%m-%d}")
    if late := KeyPair.objects.expired(now).count():
        yield wrong(
            f"{late} former pairs should be erased by now.", "Let a scheduler run manage.py maintain once a day."
        )
