"""What people and programs may send to the stand-in."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from saas.choices import NAME_LENGTH, Delay, Edition, Environment, Onboarding
from saas.faults import MAX_SECONDS, MAX_WAIT_S, FaultKind
from saas.fields import NameField
from saas.models import Account, DataSpace


class ChooseAccountForm(forms.Form):
    """Names the account to work in by its MageID."""

    account = forms.CharField(max_length=12)


class NewKeyForm(forms.Form):
    """The API Portal's form. `form_token` tells a form that is sent twice; programs may leave it out."""

    environment = forms.ChoiceField(label=_("Environment"), choices=Environment.choices)
    name = NameField(_("Name"), _("To tell the key from others: the shop and what it is for."))
    form_token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Tell a damaged form as an error of the whole form, since its own field is not shown."""
        if "form_token" in self.errors:
            self.add_error(None, _("This form is damaged, so no key was made. Open the API Portal again and retry."))
        return self.cleaned_data


class DeleteKeyForm(forms.Form):
    """Says when a key is to be deleted, and confirms it by its name. Without `when` the preselected moment counts."""

    when = forms.ChoiceField(
        label=_("When"), choices=Delay.choices, widget=forms.RadioSelect, required=False, initial=Delay.NONE
    )
    confirm_name = forms.CharField(
        label=_("Name of the key"), widget=forms.TextInput(attrs={"autocomplete": "off"}), max_length=NAME_LENGTH
    )

    def __init__(self, data: Any = None, *, name: str, preselected: Delay) -> None:
        """Take what was posted, the `name` that it has to repeat, and the moment that is chosen unless another is."""
        super().__init__(data, initial={"when": preselected})
        self.name = name

    def clean_when(self) -> Delay:
        """Return what was chosen; programs may leave it out."""
        return Delay(self.cleaned_data["when"] or self.initial["when"])

    def clean_confirm_name(self) -> str:
        """Check that the name is repeated as the page shows it."""
        typed: str = self.cleaned_data["confirm_name"]
        if shown(typed) != shown(self.name):
            message = _("This is not the key's name, so nothing was deleted. Type “%(name)s”.")
            raise ValidationError(message, params={"name": self.name})
        return typed


def shown(text: str) -> str:
    """Return `text` without what nobody can see or type: characters without a shape, and blanks beside blanks."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(seen.split())


class EntitlementsForm(forms.Form):
    """What an account is entitled to. On the real service, Adobe decides on it."""

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
        """Return what was sent; programs may leave it out, and then it stays as it is."""
        return int(self.cleaned_data["project_limit"] or self.initial["project_limit"])


class NewAccountForm(forms.Form):
    """Makes an account."""

    organization_name = NameField(_("Organization name"))
    edition = forms.ChoiceField(label=_("Edition"), choices=Edition.choices)
    payments_sandbox = forms.BooleanField(label=_("Payment Services, sandbox"), required=False, initial=True)
    payments_production = forms.BooleanField(label=_("Payment Services, production"), required=False)


class DataSpaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no type argument at run time
    """Chooses a data space, and tells how far its onboarding is."""

    def label_from_instance(self, obj: DataSpace) -> str:
        """Return project, name and type, with the status now."""
        return f"{obj} ({obj.type}): {obj.onboarding_status}"


class OnboardingForm(forms.Form):
    """Sets how far onboarding is in a data space of an account. On the real service, PayPal decides on it."""

    data_space = DataSpaceField(label=_("Data space"), queryset=DataSpace.objects.none(), empty_label=None)
    status = forms.ChoiceField(label=_("Status"), choices=Onboarding.choices)

    def __init__(self, account: Account, data: Any = None) -> None:
        """Offer the data spaces of `account`."""
        super().__init__(data)
        self.fields["data_space"].queryset = DataSpace.objects.of(account)  # type: ignore[attr-defined]  # its own kind of field


class FaultForm(forms.Form):
    """Switches the fault of one environment. Without `seconds`, the kind's own default applies."""

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
        """Fill in the default of the kind, and refuse a wait that is negative."""
        kind, seconds = self.cleaned_data.get("kind", FaultKind.NONE), self.cleaned_data.get("seconds")
        if seconds is None and "seconds" not in self.errors:
            self.cleaned_data["seconds"] = kind.default_seconds
        if kind == FaultKind.SLOW and (seconds or 0) > MAX_WAIT_S:
            self.add_error("seconds", _("Slow waits %(most)d seconds at most. Enter fewer.") % {"most": MAX_WAIT_S})
        if kind != FaultKind.SKEWED and seconds is not None and seconds < 0:
            self.add_error("seconds", _("Only a clock can be negative, by being behind. Enter 0 or more seconds."))
        return self.cleaned_data
