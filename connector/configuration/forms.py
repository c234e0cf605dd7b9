"""The forms of the connector; the only parsers of what a person sends."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.frame.templates import date
from connector.configuration import fields, protection
from connector.configuration.plan import SavePlan
from connector.connection import Connection, revision
from connector.environment import Environment
from connector.errors import PairRejectedError
from connector.gateway.client import Credentials
from connector.slot import Slot
from connector.verification.causes import Cause
from connector.verification.row import Place

# The fields whose values are not stored.
ANSWERS = {"revision", "insist", "shares", "switches", "confirmation"}


class ConfigurationForm(forms.Form):
    """Active environment, both key pairs and the SaaS identifier."""

    revision = forms.CharField(widget=forms.HiddenInput, required=False)
    active_environment = forms.ChoiceField(
        label=_("Active environment"),
        required=False,
        choices=Environment.choices,
        # The default text would repeat what was sent.
        error_messages={"invalid_choice": _("Choose Sandbox or Production.")},
        help_text=_("Payment Services uses the key pair of this environment."),
    )
    sandbox_api_key = fields.ApiKeyField(_("Sandbox API key"))
    sandbox_private_key = fields.PrivateKeyField(_("Sandbox private key"))
    production_api_key = fields.ApiKeyField(_("Production API key"))
    production_private_key = fields.PrivateKeyField(_("Production private key"))
    project_id = forms.CharField(
        label=_("Project"),
        required=False,
        validators=[fields.validate_id],
        widget=forms.Select(attrs={"autocomplete": "off"}),
        help_text=_("Choosing another project clears the data space."),
    )
    data_space_id = forms.CharField(
        label=_("Data space"),
        required=False,
        validators=[fields.validate_id],
        widget=fields.DataSpaceSelect(attrs={"autocomplete": "off", "data-filter-by": "project_id"}),
    )
    insist = forms.BooleanField(label=_("Replace the working key pair all the same."), required=False)
    shares = forms.BooleanField(
        label=_("Use this data space all the same: both instances then write to it."), required=False
    )
    switches = forms.BooleanField(required=False)
    confirmation = forms.CharField(
        label=_("Name of the data space"),
        required=False,
        max_length=255,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, connection: Connection, data: Any = None) -> None:
        """Show what is stored, or `data` as it was sent."""
        self.connection = connection
        initial = {
            "revision": connection.instance.revision,
            "active_environment": connection.active_environment,
            "sandbox_api_key": connection.slots[Environment.SANDBOX].api_key,
            "production_api_key": connection.slots[Environment.PRODUCTION].api_key,
            "project_id": connection.project_id,
            "data_space_id": connection.data_space_id,
        }
        super().__init__(data, initial=initial, auto_id="%s")
        if not connection.has_any_key:
            self.fields["active_environment"].help_text = _("The first pair you save becomes the active one.")
        self._fill_choices()
        self.stored_mistakes: dict[Environment, list[str]] = {}
        self._describe_keys()
        fields.lock(self, connection.variables)
        self.costs, self.name_to_type = protection.costs(connection), protection.name_to_type(connection)
        self.cost_of_identifier = protection.cost_of_identifier(connection) if self.name_to_type else ""
        text = _("Type “%(name)s” to confirm.")
        self.fields["confirmation"].help_text = text % {"name": self.name_to_type}
        self.obstacle = protection.obstacle_to_switch(connection.active_environment.other, connection)
        self.fields["switches"].label = protection.cost_of_switch(connection, self.obstacle)
        self.emptied: list[Environment] = []
        self.conflicts: list[fields.Conflict] = []

    def _describe_keys(self) -> None:
        for environment, slot in self.connection.slots.items():
            api_key = self.fields[f"{environment}_api_key"]
            private_key = self.fields[f"{environment}_private_key"]
            if slot.local_cause is Cause.UNDECRYPTABLE:
                api_key.widget.attrs["placeholder"] = _("Stored, but cannot be opened")
            advice = None if self.is_bound else slot.advise()
            if advice and advice.cause.row.place is Place.PRIVATE_KEY:
                self.stored_mistakes[environment] = [advice.explanation]
                described_by = f"{environment}_private_key_error {environment}_private_key_helptext"
                marks = {"aria-invalid": "true", "aria-describedby": described_by, "data-stored": ""}
                private_key.widget.attrs |= marks
            if slot.is_stored:
                private_key.help_text = _("%(help)s Empty keeps the stored key.") % {"help": private_key.help_text}

    def _fill_choices(self) -> None:
        """Offer the projects, and the data spaces of each with who else uses them."""
        spaces = self.connection.data_spaces
        projects = {space.project_id: space.project_name for space in spaces}
        if self.connection.project_id:
            projects.setdefault(self.connection.project_id, self.connection.project_name)
        self.fields["project_id"].widget.choices = [("", _("Choose a project")), *projects.items()]
        options: dict[str, list[tuple[str, str]]] = {project: [] for project in projects}
        for space in spaces:
            title = f"{space.name} ({space.type})" if space.type else space.name
            if occupant := space.occupant(self.connection.identity.instance_id, self.connection.now):
                title = gettext("%(title)s, used by %(name)s") % {"title": title, "name": occupant.title}
            options[space.project_id].append((space.id, title))
        groups = [(projects[project], titles) for project, titles in options.items()]
        chosen = self.connection.data_space_id
        if chosen and chosen not in {space.id for space in spaces}:
            title = self.connection.data_space_name
            if self.connection.active.cause is Cause.DATA_SPACE_UNKNOWN:
                title = _("%(name)s, not in this account") % {"name": title}
            groups.append((self.connection.project_name, [(chosen, title)]))
        select = self.fields["data_space_id"].widget
        select.choices = [("", _("Choose a data space")), *groups]
        select.projects = {chosen: self.connection.project_id} | {space.id: space.project_id for space in spaces}

    @property
    def refused_fields(self) -> list[BoundField]:
        """The fields that say why nothing was saved. The box that confirms a switch is below what it confirms."""
        names = ["active_environment" if name == "switches" else name for name in self.fields if self.has_error(name)]
        return [self[name] for name in dict.fromkeys(names)]

    @property
    def fields_to_paste(self) -> list[BoundField]:
        """The fields of private keys that were sent and not refused: they have to be pasted again, too."""
        names = [f"{environment}_private_key" for environment in Environment if self.has_sent_secret(environment)]
        return [self[name] for name in names if not self.has_error(name)]

    @property
    def offers_switch(self) -> bool:
        """Whether the switch of the active environment has to be confirmed, or was."""
        return bool(self.data.get("switches")) or self.has_error("switches")

    def has_sent_secret(self, environment: Environment) -> bool:
        """Return whether a private key came with the form: it is never sent back, so it has to be pasted again."""
        private_key, api_key = (self.data.get(f"{environment}_{half}", "") for half in ("private_key", "api_key"))
        return bool(private_key.strip()) or fields.may_be_secret(api_key)

    @property
    def key_sections(self) -> list[dict[str, Any]]:
        """What the template needs of each environment's keys."""
        sections = []
        for environment, slot in self.connection.slots.items():
            halves = [self[f"{environment}_api_key"], self[f"{environment}_private_key"]]
            is_done = slot.is_verified and slot is self.connection.inactive
            is_touched = self.is_bound and any(field.errors or field.name in self.changed_data for field in halves)
            was_sent = self.has_sent_secret(environment)
            stored_mistakes = self.stored_mistakes.get(environment, [])
            asks = self.name_to_type and slot.is_verified
            sections.append(
                {
                    "slot": slot,
                    "is_open": is_touched or not is_done,
                    "api_key": halves[0],
                    "private_key": halves[1],
                    "stored_key": _stored_key(slot),
                    "stored_mistakes": stored_mistakes,
                    "is_replaced": bool(halves[1].errors or stored_mistakes or was_sent),
                    "was_sent": was_sent,
                    "was_rejected": any(self.has_error(field.name, PairRejectedError.code) for field in halves),
                    "name_to_remove": protection.name_to_remove(environment, self.connection),
                    "text_of_removal": protection.text_of_removal(slot),
                    "text_of_erasing_former": protection.text_of_erasing_former(),
                    "text_of_erasing_at_once": protection.text_of_erasing_at_once(),
                    "cost_of_removal": protection.cost_of_removal(environment, self.connection),
                    "name_to_restore": self.name_to_type if asks else "",
                    "cost": protection.cost_of_pair(environment, self.connection) if asks else "",
                }
            )
        return sections

    @property
    def switch_slot(self) -> Slot | None:
        """The other environment's pair, where a script asks before a save makes it the active one."""
        other = self.connection.inactive
        asks = protection.asks_to_switch(other.environment, self.connection) and not self.offers_switch
        return other if asks and not self.fields["active_environment"].disabled else None

    def clean(self) -> dict[str, Any]:
        """Put the halves together: a typed half replaces its half, and a pair is whole."""
        cleaned = super().clean() or self.cleaned_data
        pairs = {environment: self._pair(slot) for environment, slot in self.connection.slots.items()}
        cleaned["pairs"] = {environment: pair for environment, pair in pairs.items() if pair}
        return cleaned

    def _pair(self, slot: Slot) -> Credentials | None:
        """Return the new pair of `slot` as a whole, or None if nothing of it was typed or there is an error."""
        api_name, private_name = f"{slot.environment}_api_key", f"{slot.environment}_private_key"
        pasted = fields.put_together(self, api_name, private_name, slot.api_key)
        # Never store a half that comes from an environment variable.
        if pasted is None or slot.is_locked:
            return None
        if slot.api_key and not pasted.api_key and api_name in self.data:
            self.emptied.append(slot.environment)
        api_key, private_key = pasted.api_key or slot.api_key, pasted.private_key or slot.private_key
        if api_key == slot.api_key and not pasted.private_key:
            return None
        if not api_key:
            self.add_error(api_name, _("Enter the API key that belongs to this private key. A pair has both."))
        elif not private_key:
            self.add_error(private_name, _("Paste the private key that belongs to this API key. A pair has both."))
        else:
            return Credentials(api_key, private_key)
        return None

    def plan(self) -> SavePlan:
        """Return the plan to save what differs from what is stored."""
        cleaned, sent = self.cleaned_data, self.data.get("revision", "")
        active = self._changed("active_environment")
        return SavePlan(
            self.connection,
            pairs=cleaned["pairs"],
            environment=Environment(active) if active else None,
            project_id=self._changed("project_id"),
            data_space_id=self._changed("data_space_id"),
            insist=cleaned["insist"],
            confirmation=cleaned["confirmation"],
            shares=cleaned["shares"],
            switches=cleaned["switches"],
            # A program may send none.
            revision=revision(sent) if sent else None,
        )

    def rebased(self, connection: Connection) -> "ConfigurationForm":
        """Return this form with the same input on the connection as it is now, and a list of where the two differ."""
        data = dict(self.data.items())
        data["revision"] = str(connection.instance.revision)
        form = ConfigurationForm(connection, data)
        form.full_clean()
        found = (fields.conflict(form, name) for name in form.fields if name not in ANSWERS)
        form.conflicts = [conflict for conflict in found if conflict]
        return form

    def _changed(self, name: str) -> str | None:
        """Return the value that was sent for `name`; None if it is the stored one, or if none was sent."""
        return self.cleaned_data[name] if name in self.data and name in self.changed_data else None


def _stored_key(slot: Slot) -> str:
    """Return the words that describe the private key in use; empty without one."""
    if slot.has_locked_private_key:
        # A key that cannot be parsed has no fingerprint. The stored key is not in use beside it.
        return gettext("Fingerprint: %(fingerprint)s") % {"fingerprint": slot.fingerprint} if slot.private_key else ""
    if not slot.pair.set_at:
        return ""
    values = {
        "fingerprint": slot.pair.fingerprint,
        "person": slot.pair.setter or gettext("somebody whose user was deleted"),
        "date": date(slot.pair.set_at),
    }
    return gettext("Stored · %(fingerprint)s · set by %(person)s on %(date)s") % values


class EnvironmentForm(forms.Form):
    """Names one environment."""

    environment = forms.TypedChoiceField(choices=Environment.choices, coerce=Environment)


class MoveForm(EnvironmentForm):
    """Names the environment whose pair is moved, and confirms that this switches the active environment."""

    switches = forms.BooleanField(required=False)
