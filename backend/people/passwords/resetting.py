"""A new password by e-mail: who gets a link, and what it opens."""

from functools import partial
from typing import Any

from allauth.account.forms import ResetPasswordForm, UserTokenForm
from allauth.core.internal import ratelimit
from django import forms
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backend.audit import actor
from backend.audit.action_log import record, record_refusal
from backend.people import mail
from backend.people.actions import Action, Refusal
from backend.people.passwords.choosing import choose
from backend.people.passwords.new_password import PASSWORD_RULES, NewPasswordField, check_new_password

# No more people with the same address get a link.
MOST = 10
ONCE_IN_S = 60
# The name of the limit for each person, in the settings.
MAIL_LIMIT = "reset_password_mail"


class ForgottenPasswordForm(ResetPasswordForm):
    """Takes a user name or an address, and sends a link to those who have it. It never says whether anybody has."""

    email = forms.CharField(  # type: ignore[assignment]  # allauth takes an address only
        label=_("User name or email"),
        max_length=254,
        widget=forms.TextInput(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )

    def clean_email(self) -> str:
        """Return the text as typed. Looking people up here would show in the time of the response who exists."""
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **_options: Any) -> str:
        """Send the links in the thread that sends e-mails."""
        mail.later(partial(self._send, request, translation.get_language()))
        return str(self.cleaned_data["email"])

    def _send(self, request: HttpRequest, language: str) -> None:
        typed = self.cleaned_data["email"]
        found = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed), is_active=True)
        people = [person for person in found.exclude(email="")[:MOST] if person.has_usable_password()]
        _note_asked(request, people)
        with translation.override(language):
            for person in people:
                if not ratelimit.consume(request, app="allauth.account", action=MAIL_LIMIT, key=str(person.pk)):
                    continue
                # People type a name, or an address in capitals: the link goes to the stored address only.
                self.users, self.cleaned_data["email"] = [person], person.email
                super().save(request)


class ResetLinkForm(UserTokenForm):
    """Checks a link. That of a person who became inactive opens nothing."""

    def clean(self) -> dict[str, Any]:
        """Check the link. Raises ValidationError."""
        cleaned: dict[str, Any] = super().clean()  # type: ignore[no-untyped-call]  # allauth has few types
        if self.reset_user and not self.reset_user.is_active:
            raise ValidationError(_("This link does not work any more."))
        return cleaned


class NewPasswordForm(forms.Form):
    """Takes the new password of the person whom a link was sent to."""

    password = NewPasswordField(label=_("New password"), help_text=PASSWORD_RULES)
    password_again = NewPasswordField(label=_("New password, again"))

    def __init__(self, *args: Any, user: User | None = None, temp_key: str = "", **kwargs: Any) -> None:  # noqa: ARG002  (allauth's signature)
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Check that both passwords are the same good one, and not the present one, which somebody else may know."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed, person = cleaned.get("password", ""), self.user or User()
        check_new_password(self, person, present=typed if typed and person.check_password(typed) else "")
        return cleaned

    def save(self) -> None:
        """Store and log the new password."""
        if self.user is not None:
            choose(self.user, self.cleaned_data["password"], Action.PASSWORD_RESET)


def _note_asked(request: HttpRequest, people: list[User]) -> None:
    """Log who gets a link, once a minute for each person, or that nobody does."""
    who = actor.of(request, None)
    for person in people:
        if cache.add(f"reset-asked:{person.pk}", value=True, timeout=ONCE_IN_S):
            record(Action.PASSWORD_RESET_ASKED, person.username, who=who)
    if not people:
        record_refusal(Action.PASSWORD_RESET_ASKED, refusal=Refusal.NOBODY, who=who)
