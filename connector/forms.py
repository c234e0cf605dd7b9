"""The forms of the connector; the only parsers of what a person sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connector.causes import Cause
from connector.change import Change
from connector.connection import Connection, Slot, locked
from connector.environment import Environment
from connector.fields import ApiKeyField, DataSpaceSelect, NameField, PrivateKeyField, may_be_secret
from connector.gateway import Credentials
from connector.pem import Pasted, PrivateKey

REVISION_DIGITS = 10
ANOTHER_API_KEY = _(
    "This text holds another API key than the API key field, and which one is meant cannot be told. "
    "Empty the API key field or leave the other one out of the text, then paste the private key again."
)
ANOTHER_PRIVATE_KEY = _(
    "This text holds another private key than the private key field, and which one is meant cannot be told. "
    "Enter the API key alone here, and paste the private key that belongs to it into its field."
)
LOCKED = _("Set by the environment of the server process, as %(variable)s. Change it there and restart.")


@dataclass(frozen=True)
class Conflict:
    """A field whose stored value and typed value differ."""

    label: str
    stored: str
    typed: str


class ConfigurationForm(forms.Form):
    """Active environment, both key pairs and the SaaS identifier."""

    revision = forms.CharField(widget=forms.HiddenInput, required=False)
    active_environment = forms.ChoiceField(
        label=_("Active environment"),
        required=False,
        choices=Environment.choices,
        help_text=_("Payment Services uses the key pair of this environment. The first pair you save becomes active."),
    )
    sandbox_api_key = ApiKeyField(_("Sandbox API key"))
    sandbox_private_key = PrivateKeyField(_("Sandbox private key"))
    production_api_key = ApiKeyField(_("Production API key"))
    production_private_key = PrivateKeyField(_("Production private key"))
    project_id = forms.CharField(
        label=_("Project"),
        required=False,
        max_length=64,
        widget=forms.Select(attrs={"autocomplete": "off"}),
        help_text=_("Choosing another project clears the data space."),
    )
    data_space_id = forms.CharField(
        label=_("Data space"), required=False, max_length=64, widget=DataSpaceSelect(attrs={"autocomplete": "off"})
    )
    insist = forms.BooleanField(
        label=_("Replace the working key pair all the same. Paste the private key again."), required=False
    )

    def __init__(self, connection: Connection, data: Any = None, typed: Mapping[str, str] | None = None) -> None:
        """Show what is stored, `data` as it was sent, or what was `typed` before a sign-in came between."""
        self.connection = connection
        self.is_restored = typed is not None
        shown = {name: value for name, value in (typed or {}).items() if name == "revision" or not locked(name)}
        super().__init__(data, initial=self._stored() | shown, auto_id="%s")
        self._fill_choices()
        for one, slot in connection.slots.items():
            if slot.local_cause is Cause.UNDECRYPTABLE:
                self.fields[f"{one}_api_key"].widget.attrs["placeholder"] = _("Stored, but cannot be opened")
        for name, field in self.fields.items():
            if name in LOCKABLE_IN_ORDER and (variable := locked_by(name)):
                field.disabled = True
                field.locked_reason = LOCKED % {"variable": f"CONNECTOR_{variable.upper()}"}  # type: ignore[attr-defined]  # a template's
        self.cleared: list[Environment] = []
        self.conflicts: list[Conflict] = []
        self.offers_insist = False

    def _stored(self) -> dict[str, Any]:
        return {
            "revision": self.connection.instance.revision,
            "active_environment": self.connection.active_environment,
            "sandbox_api_key": self.connection.slots[Environment.SANDBOX].api_key,
            "production_api_key": self.connection.slots[Environment.PRODUCTION].api_key,
            "project_id": self.connection.project_id,
            "data_space_id": self.connection.data_space_id,
        }

    def _fill_choices(self) -> None:
        spaces = self.connection.data_spaces
        projects = {space.project_id: space.project_name for space in spaces}
        if self.connection.project_id:
            projects.setdefault(self.connection.project_id, self.connection.project_name)
        self.fields["project_id"].widget.choices = [("", _("Choose a project")), *projects.items()]
        options: dict[str, list[tuple[str, str]]] = {one: [] for one in projects}
        for space in spaces:
            options[space.project_id].append((space.id, f"{space.name} ({space.type})"))
        groups = [(projects[one], options[one]) for one in projects]
        chosen = self.connection.data_space_id
        if chosen and chosen not in {space.id for space in spaces}:
            groups.append((self.connection.project_name, [(chosen, self.connection.data_space_name)]))
        select = self.fields["data_space_id"].widget
        select.choices = [("", _("Choose a data space")), *groups]
        select.projects = {chosen: self.connection.project_id} | {space.id: space.project_id for space in spaces}
        select.attrs["data-filter-by"] = "project_id"

    @property
    def key_sections(self) -> list[dict[str, Any]]:
        """What the template needs of each environment's keys."""
        return [
            {
                "slot": slot,
                "title": _("%(environment)s Keys") % {"environment": one.label},
                "api_key": self[f"{one}_api_key"],
                "private_key": self[f"{one}_private_key"],
                "private_key_state": _private_key_state(slot),
                "was_rejected": self.offers_insist and self.has_error(f"{one}_api_key", "rejected"),
            }
            for one, slot in self.connection.slots.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Put the halves together: a typed half replaces its half, and a pair is whole."""
        cleaned = super().clean() or self.cleaned_data
        pairs = {one: self._pair(self.connection.slots[one]) for one in Environment}
        cleaned["pairs"] = {one: pair for one, pair in pairs.items() if pair}
        return cleaned

    def _pair(self, slot: Slot) -> Credentials | None:
        """Return the new pair of `slot` as a whole, or None where nothing of it was typed or an error stands."""
        name = slot.environment.value
        api_name, private_name = f"{name}_api_key", f"{name}_private_key"
        pasted = put_together(self, api_name, private_name, slot.api_key)
        # Stored with a typed half, a half of the process's environment would outlast it.
        if pasted is None or slot.has_locked_api_key or slot.has_locked_private_key:
            return None
        api_key, private_key = pasted.api_key, pasted.private_key
        if slot.api_key and not api_key and api_name in self.data:
            self.cleared.append(slot.environment)
        typed_api_key = bool(api_key) and api_key != slot.api_key
        if not typed_api_key and private_key is None:
            return None
        whole_api_key, whole_private_key = api_key or slot.api_key, private_key or slot.private_key
        if not whole_api_key:
            self.add_error(api_name, _("Enter the API key that belongs to this private key. A pair has both."))
        elif whole_private_key is None:
            self.add_error(private_name, _("Paste the private key that belongs to this API key. A pair has both."))
        else:
            return Credentials(whole_api_key, whole_private_key)
        return None

    def change(self) -> Change:
        """Return what is to be different from what is stored."""
        cleaned = self.cleaned_data
        return Change(
            revision=self._revision(),
            pairs=cleaned["pairs"],
            active_environment=self._environment(),
            project_id=self._different("project_id", self.connection.project_id),
            data_space_id=self._different("data_space_id", self.connection.data_space_id),
            insist=cleaned["insist"],
        )

    def add_stale_error(self) -> None:
        """Say that somebody else saved first."""
        self.add_error(
            None,
            forms.ValidationError(
                _(
                    "Somebody saved this configuration after you opened it, so yours was not saved. Where the two "
                    "differ is shown below: check it, paste private keys again, and save once more to replace theirs."
                ),
                code="stale",
            ),
        )

    def add_rejections(self, explanations: Mapping[Environment, str]) -> None:
        """Say which new pair the gateway rejected, and offer to replace the working one all the same."""
        self.offers_insist = True
        for one, found in explanations.items():
            kept = _("The pair that is stored works and was kept; nothing was saved.")
            self.add_error(f"{one}_api_key", forms.ValidationError(f"{found} {kept}", code="rejected"))

    def rebased(self, connection: Connection) -> "ConfigurationForm":
        """Return this form on what is stored now, with the same input and a list of where the two differ."""
        data = dict(self.data.items())
        data["revision"] = str(connection.instance.revision)
        form = ConfigurationForm(connection, data)
        form.full_clean()
        form.conflicts = [conflict for name in LOCKABLE_IN_ORDER if (conflict := form.conflict(name))]
        form.add_stale_error()
        return form

    def conflict(self, name: str) -> Conflict | None:
        """Return what is stored and what was sent for the field `name`, or None where they agree."""
        field, sent = self.fields[name], self.data.get(name, "").strip()
        label = str(field.label or name)
        if name.endswith("_private_key"):
            return Conflict(label, str(_("as stored")), str(_("changed"))) if sent else None
        stored = str(self.initial.get(name) or "")
        if name not in self.data or sent == stored:
            return None
        typed = str(_("changed")) if name.endswith("_api_key") and may_be_secret(sent) else self._shown(name, sent)
        return Conflict(label, self._shown(name, stored), typed)

    def _shown(self, name: str, value: str) -> str:
        """Return what a person knows `value` by."""
        choices: Any = getattr(self.fields[name].widget, "choices", ())
        for key, title in choices:
            nested = title if isinstance(title, list) else [(key, title)]
            for inner, text in nested:
                if inner == value and value:
                    return str(text)
        return value or str(_("empty"))

    def _revision(self) -> int:
        """Return the revision the form was rendered from: the current one for a program that sends none."""
        sent = self.data.get("revision", "")
        if not sent:
            return self.connection.instance.revision
        # Whatever no page of ours has sent counts as out of date.
        return int(sent) if sent.isdecimal() and len(sent) < REVISION_DIGITS else 0

    def _environment(self) -> Environment | None:
        asked = self._different("active_environment", self.connection.active_environment)
        return Environment(asked) if asked else None

    def _different(self, name: str, stored: str) -> str | None:
        """Return the sent value of `name` where it was sent and is not the stored one."""
        if name not in self.data or self.fields[name].disabled:
            return None
        value: str = self.cleaned_data[name]
        return None if value == stored else value


def put_together(form: forms.Form, api_name: str, private_name: str, stored_api_key: str) -> Pasted | None:
    """Return what both key fields of `form` hold together; None where an error stands, or is added here.

    Both halves may stand in either field. An API key that stands in its field as it is stored was not typed: one in the
    text beside a private key replaces it.
    """
    if form.errors.keys() & {api_name, private_name}:
        return None
    upper, lower = (form.cleaned_data.get(name) or Pasted() for name in (api_name, private_name))
    if lower.api_key and upper.api_key not in {"", stored_api_key, lower.api_key}:
        form.add_error(private_name, forms.ValidationError(ANOTHER_API_KEY, code="another_api_key"))
    elif upper.private_key and lower.private_key not in {None, upper.private_key}:
        form.add_error(api_name, forms.ValidationError(ANOTHER_PRIVATE_KEY, code="another_private_key"))
    else:
        return Pasted(lower.api_key or upper.api_key, upper.private_key or lower.private_key)
    return None


LOCKABLE_IN_ORDER = tuple(name for name in ConfigurationForm.base_fields if name not in {"revision", "insist"})


def locked_by(name: str) -> str:
    """Return which value of the process's environment locks the field `name`: its own, or the pair's other half."""
    if locked(name):
        return name
    other = {"api_key": "private_key", "private_key": "api_key"}
    environment, _separator, half = name.partition("_")
    sibling = f"{environment}_{other[half]}" if environment in Environment and half in other else ""
    return sibling if sibling and locked(sibling) else ""


def _private_key_state(slot: Slot) -> str:
    """Return what is said of a stored private key instead of showing it."""
    if slot.has_locked_private_key and slot.private_key:
        return gettext("Fingerprint %(fingerprint)s.") % {"fingerprint": slot.private_key.fingerprint}
    if not slot.pair or not slot.is_stored or slot.pair.set_at is None:
        return gettext("No private key is stored.")
    values = {
        "fingerprint": slot.pair.fingerprint,
        "person": slot.pair.set_by or gettext("somebody whose user was deleted"),
        "date": date_format(timezone.localtime(slot.pair.set_at), "DATETIME_FORMAT"),
    }
    return gettext("A private key is stored, set by %(person)s (%(date)s). Fingerprint: %(fingerprint)s") % values


class EnvironmentForm(forms.Form):
    """Names one environment."""

    environment = forms.ChoiceField(choices=Environment.choices)

    def environment_value(self) -> Environment:
        """Return the environment that was named."""
        return Environment(self.cleaned_data["environment"])


class RemoveKeysForm(EnvironmentForm):
    """Confirms the removal of a pair by its environment's name."""

    seen_revision = forms.CharField(required=False, max_length=20)
    confirmation = forms.CharField(label=_("Type the name of the environment to confirm"), max_length=32)

    def clean(self) -> dict[str, Any]:
        """Compare what was typed with the name as it is shown, whatever its case."""
        cleaned = super().clean() or self.cleaned_data
        if "environment" in cleaned and "confirmation" in cleaned:
            label = str(self.environment_value().label)
            if cleaned["confirmation"].strip().casefold() not in {label.casefold(), cleaned["environment"]}:
                self.add_error("confirmation", _("This is not the name of the environment. Nothing was removed."))
        return cleaned


class ProjectNameForm(forms.Form):
    """Names a project, new or renamed. `seen_revision` is the one that the form was rendered from."""

    project_name = NameField(_("Project name"))
    seen_revision = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)


class DataSpaceNameForm(forms.Form):
    """Renames a data space."""

    data_space_name = NameField(_("Data space name"))


class CheckKeyForm(EnvironmentForm):
    """What the two key fields of one environment hold, told before it is saved and kept nowhere."""

    api_key = ApiKeyField(_("API key"))
    private_key = PrivateKeyField(_("Private key"))

    def __init__(self, connection: Connection, data: Any) -> None:
        super().__init__(data)
        self.connection = connection

    def clean(self) -> dict[str, Any]:
        """Put the halves together as a save would; an API key that is not finished yet takes nothing from the rest."""
        cleaned = super().clean() or self.cleaned_data
        if "environment" not in cleaned:
            return cleaned
        if cleaned.get("private_key", Pasted()).private_key:
            self.errors.pop("api_key", None)
        cleaned["pasted"] = put_together(self, "api_key", "private_key", self._slot.api_key)
        return cleaned

    @property
    def _slot(self) -> Slot:
        return self.connection.slots[self.environment_value()]

    @property
    def mistake(self) -> str:
        """Why a save would refuse what was pasted; empty where it would not."""
        errors = (error for name in ("private_key", "api_key") for error in self.errors.get(name, []))
        return str(next(errors, ""))

    @property
    def checked(self) -> PrivateKey | None:
        """The private key that was pasted into either field."""
        pasted = self.cleaned_data.get("pasted")
        return pasted.private_key if pasted else None

    @property
    def api_key_beside(self) -> str:
        """The API key that stood in one text with the private key."""
        fields = (self.cleaned_data.get(name, Pasted()) for name in ("private_key", "api_key"))
        return next((one.api_key for one in fields if one.private_key and one.api_key), "")

    @property
    def is_stored(self) -> bool:
        """Whether this is the private key that is stored for the environment already."""
        return bool(self.checked and self.checked.fingerprint == self._slot.fingerprint)

    @property
    def other_environment(self) -> str:
        """The name of the other environment, where that has the same private key."""
        other = self.connection.slots[self.environment_value().other]
        is_there = self.checked and self.checked.fingerprint == other.fingerprint
        return str(other.environment.label) if is_there else ""
