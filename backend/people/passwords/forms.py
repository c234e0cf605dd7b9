"""Where people choose their own passwords."""

from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from backend.frame.present_password import PresentPasswordForm
from backend.people.passwords.choosing import choose
from backend.people.passwords.new_password import PASSWORD_RULES, NewPasswordField, check_new_password


class ChangePasswordForm(PresentPasswordForm):
    """Takes the present password and a new one."""

    password = NewPasswordField(label=_("New password"), help_text=PASSWORD_RULES)
    password_again = NewPasswordField(label=_("New password, again"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["present_password"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Check that both new passwords are the same good one, and not the present one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_new_password(self, self.user, present=cleaned.get("present_password", ""))
        return cleaned

    def save(self) -> None:
        """Store and log the new password."""
        choose(self.user, self.cleaned_data["password"])
