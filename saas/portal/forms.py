"""The forms of My Account."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import NAME_LENGTH, NameField, visible
from backend.frame.grid import GridForm
from saas.choices import Delay, Edition, Environment, Onboarding
from saas.faults import DEFAULT_SECONDS, MAX_SECONDS, MAX_WAIT_S, FaultKind
from saas.models import Account, DataSpace, Merchant
from saas.models.api_keys import ApiKeyQuerySet


class KeyFilterForm(GridForm):
    """What the keys of the API Portal are searched and filtered by."""

    # Not named like the field of a new key, so that programs find that one.
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("All environments")), (Environment.SANDBOX, _("Sandbox")), (Environment.PRODUCTION, _("Live"))],
    )
    deleted = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["q"].widget.attrs["placeholder"] = _("Name or public key")
        self.is_valid()

    @property
    def is_active(self) -> bool:
        """Whether anything is searched or filtered for, or was refused."""
        return bool(self.errors or self.cleaned_data["q"] or self.cleaned_data["show"])

    def found(self, keys: ApiKeyQuerySet) -> ApiKeyQuerySet:
        """Return those of `keys` that fit search and environment; a refused field filters nothing."""
        keys = keys.containing(self.cleaned_data.get("q", ""))
        environment = self.cleaned_data.get("show")
        return keys.filter(environment=environment) if environment else keys


class NewKeyForm(forms.Form):
    """Makes a key. `form_token` shows when a form is sent twice; programs may leave it out."""

    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices)
    name = NameField(_("Name"), _("Helps you find the key later: the shop, and what the key is for."))
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Report a damaged token as an error of the whole form, since its own field is hidden."""
        if "form_token" in self.errors:
            self.add_error(None, _("This form is damaged, so no key was made. Open the API Portal again and retry."))
        return self.cleaned_data


class DeleteKeyForm(forms.Form):
    """Asks when to delete a key, and for its name. Without `when` the preselected time counts.

    A key that is to be deleted in the time `left` can only be deleted sooner, so nothing later is offered.
    """

    when = forms.ChoiceField(
        label=_("When"), choices=Delay.choices, widget=forms.RadioSelect, required=False, initial=Delay.NONE
    )
    confirm_name = forms.CharField(
        label=_("Name of the key"), widget=forms.TextInput(attrs={"autocomplete": "off"}), max_length=NAME_LENGTH
    )

    def __init__(self, data: Any = None, *, name: str, preselected: Delay, left: timedelta | None) -> None:
        offered = [delay for delay in Delay if left is None or delay.duration < left]
        super().__init__(data, initial={"when": preselected if preselected in offered else Delay.NONE})
        self.fields["when"].widget.choices = [(delay.value, delay.label) for delay in offered]
        self.name = name

    def clean_when(self) -> Delay:
        """Return the chosen time, or the preselected one; programs may leave it out."""
        return Delay(self.cleaned_data["when"] or self.initial["when"])

    def clean_confirm_name(self) -> str:
        """Check that the name is typed as the page shows it."""
        typed: str = self.cleaned_data["confirm_name"]
        if visible(typed) != visible(self.name):
            message = _("This is not the key’s name, so nothing was deleted. Type “%(name)s”.")
            raise ValidationError(message, params={"name": self.name})
        return typed


class EntitlementsForm(forms.Form):
    """What an account is entitled to. On the real service, Adobe decides."""

    in_good_standing = forms.BooleanField(label=_("In good standing"), required=False, initial=True)
    payments_sandbox = forms.BooleanField(label=_("Payment Services, sandbox"), required=False, initial=True)
    payments_production = forms.BooleanField(label=_("Payment Services, production"), required=False)
    project_limit = forms.IntegerField(
        label=_("Projects that the license allows"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Create Project is refused beyond that. Projects that exist stay."),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            _("Nothing was saved: a license allows 1 to 100 projects. Enter a number in that range."),
        ),
    )

    def clean_project_limit(self) -> int:
        """Return the number sent, or the number before; programs may leave it out."""
        return int(self.cleaned_data["project_limit"] or self.initial["project_limit"])


class ChoiceOfAccountForm(forms.Form):
    """Names the account to work in by its MageID: one that `user` has a role in."""

    account = forms.ModelChoiceField(queryset=Account.objects.none(), to_field_name="mage_id")

    def __init__(self, user: User, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["account"].queryset = Account.objects.filter(memberships__user=user)  # type: ignore[attr-defined]  # its own kind of field


class NewAccountForm(forms.Form):
    """Makes an account."""

    organization_name = NameField(_("Organization name"))
    edition = forms.ChoiceField(label=_("Edition"), choices=Edition.choices)
    payments_sandbox = forms.BooleanField(label=_("Payment Services, sandbox"), required=False, initial=True)
    payments_production = forms.BooleanField(label=_("Payment Services, production"), required=False)


class OnboardingForm(forms.Form):
    """Sets how far onboarding is for a data space of an account. On the real service, PayPal decides.

    A status says whether the e-mail address is confirmed and the consent given, unless these are chosen too.
    """

    data_space = forms.ModelChoiceField(label=_("Data space"), queryset=DataSpace.objects.none(), empty_label=None)
    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices)
    status = forms.ChoiceField(label=_("Status"), choices=Onboarding.choices)
    email = forms.ChoiceField(
        label=_("E-mail address"),
        required=False,
        choices=[("", _("As the status says")), ("yes", _("Confirmed")), ("no", _("Not confirmed"))],
    )
    consent = forms.ChoiceField(
        label=_("Consent"),
        required=False,
        choices=[("", _("As the status says")), ("yes", _("Given")), ("no", _("Taken back"))],
    )

    def __init__(self, account: Account, data: Any = None) -> None:
        super().__init__(data)
        self.fields["data_space"].queryset = DataSpace.objects.of(account)  # type: ignore[attr-defined]  # its own kind of field

    def save(self) -> Merchant:
        """Store the choices, making the merchant if there is none, and return it."""
        space, environment = self.cleaned_data["data_space"], self.cleaned_data["environment"]
        with transaction.atomic():
            # Locked, so that an answer of PayPal's page is not undone: it counts the visits of the merchant.
            locked = Merchant.objects.select_for_update()
            merchant, _is_new = locked.get_or_create(data_space=space, environment=environment)
            merchant.set_status(self.cleaned_data["status"])
            if self.cleaned_data["email"]:
                merchant.is_email_confirmed = self.cleaned_data["email"] == "yes"
            if self.cleaned_data["consent"]:
                merchant.has_consent = self.cleaned_data["consent"] == "yes"
            merchant.save()
        return merchant


class FaultForm(forms.Form):
    """Switches the fault of one environment. Without `seconds`, the default of the kind applies."""

    environment = forms.ChoiceField(choices=Environment.choices, widget=forms.HiddenInput)
    kind = forms.TypedChoiceField(label=_("The gateway answers"), choices=FaultKind.choices, coerce=FaultKind)
    seconds = forms.IntegerField(
        label=_("Seconds"),
        required=False,
        min_value=-MAX_SECONDS,
        max_value=MAX_SECONDS,
        help_text=_(
            "The wait of Slow (at most 120), the Retry-After of 429 and Maintenance, or how far the skewed clock is "
            "ahead."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Fill in the default seconds, and refuse a wait that is too long or negative."""
        kind, seconds = self.cleaned_data.get("kind", FaultKind.NONE), self.cleaned_data.get("seconds")
        if seconds is None and "seconds" not in self.errors:
            self.cleaned_data["seconds"] = DEFAULT_SECONDS.get(kind, 0)
        if kind == FaultKind.SLOW and (seconds or 0) > MAX_WAIT_S:
            self.add_error("seconds", _("Slow waits %(most)d seconds at most. Enter fewer.") % {"most": MAX_WAIT_S})
        if kind != FaultKind.SKEWED and seconds is not None and seconds < 0:
            self.add_error("seconds", _("Only a clock can be negative, by being behind. Enter 0 or more seconds."))
        return self.cleaned_data
