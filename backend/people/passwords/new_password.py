"""A new password in a form: the rules in words, the field, and how both fields are checked."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backend.people.passwords.hashers import normalized

# What the validators of the settings ask for, in words about somebody else's password.
PASSWORD_RULES = _(
    "12 to 128 characters of any kind: three or four words, say. Names of the person, the shop or this product do not "
    "count, and a password that is known from a data breach is refused."
)


class NewPasswordField(forms.CharField):
    """A password that somebody chooses."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}), **options)


def check_new_password(form: forms.BaseForm, user: User, *, present: str = "") -> None:
    """Add an error to `form` where both passwords differ, or where it is the `present` one or too weak for `user`."""
    typed = form.cleaned_data.get("password", "")
    if typed != form.cleaned_data.get("password_again", ""):
        form.add_error("password_again", _("The two passwords differ. Type the same one in both fields."))
    elif typed and normalized(typed) == normalized(present):
        form.add_error("password", _("This is your current password. Choose another one."))
    elif typed:
        try:
            validate_password(typed, user)
        except ValidationError as error:
            form.add_error("password", error)


def reasons_against(password: str, user: User) -> list[str]:
    """Return why `user` cannot have `password`, in sentences for a command; none where they can."""
    try:
        validate_password(NewPasswordField().clean(password), user)
    except ValidationError as error:
        return error.messages
    return []
