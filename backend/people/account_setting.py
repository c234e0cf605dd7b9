"""Account Setting: people change their own names, address and password."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.audit.action_log import facts, record
from backend.frame import session
from backend.frame.present_password import PresentPasswordForm
from backend.people import notices
from backend.people.actions import Action
from backend.people.forms import require_visible
from backend.people.models import PasswordState
from backend.people.passwords.choosing import keep_others_out
from backend.people.passwords.new_password import PASSWORD_RULES, NewPasswordField, check_new_password


class AccountSettingForm(PresentPasswordForm, forms.ModelForm):  # type: ignore[type-arg]  # takes no type argument at run time
    """Asks for the current password with every change."""

    password = NewPasswordField(label=_("New password"), required=False)
    password_again = NewPasswordField(label=_("New password, again"), required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels = {"first_name": _("First name"), "last_name": _("Last name"), "email": _("Email")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Joined here, where the language is known.
        rules = _("%(rules)s Leave both fields empty to keep the present one.") % {"rules": PASSWORD_RULES}
        self.fields["password"].help_text = rules
        require_visible(self)

    def clean(self) -> dict[str, Any]:
        """Check that both new passwords are the same good one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = {name: cleaned.get(name, "") for name in self.Meta.fields}
        check_new_password(
            self, User(username=self.instance.username, **names), present=cleaned.get("present_password", "")
        )
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> User:  # noqa: ARG002, FBT001, FBT002  (the framework's signature)
        """Save and log the changes; of a password only that it is new."""
        stored = User.objects.get(pk=self.instance.pk)
        columns, new = [*self.Meta.fields], ""
        if self.cleaned_data["password"]:
            keep_others_out(self.instance)
            self.instance.set_password(self.cleaned_data["password"])
            columns, new = [*columns, "password"], "changed"
            PasswordState.objects.chosen(self.instance)
            notices.send(self.instance, "password_changed")
        # Somebody else may be changing the rest of the row at the same time.
        self.instance.save(update_fields=columns)
        if self.instance.email != stored.email:
            notices.send(self.instance, "email_changed", stored.email)
        before, after = _facts(stored), _facts(self.instance, password=new)
        if before != after:
            record(Action.USER_CHANGED, stored.username, before=before, after=after)
        person: User = self.instance
        return person


def _facts(person: User, password: str = "") -> str:
    return facts(user_name=person.username, name=person.get_full_name(), email=person.email, password=password)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "password_again", "present_password")
def account_setting(request: HttpRequest) -> HttpResponse:
    """Show or save what people may change of themselves."""
    # A copy for the form: the frame goes on showing the person as stored.
    stored = User.objects.get(username=request.user.get_username())
    form = AccountSettingForm(request.POST or None, instance=stored, request=request)
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/account_setting.html", {"form": form})
    person = form.save()
    if form.cleaned_data["password"]:
        update_session_auth_hash(request, person)
        session.end_other_sessions(request, person)
    messages.success(request, _("Your account was saved."))
    return redirect("account_setting")
