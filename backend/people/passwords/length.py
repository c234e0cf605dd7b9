"""How long a password is."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backend.people.passwords.hashers import normalized

SHORTEST, LONGEST = 12, 128


def has_good_length(password: str) -> bool:
    """Return whether the length of `password` is allowed, counted in the characters that are stored."""
    return SHORTEST <= len(normalized(password)) <= LONGEST


class LengthValidator:
    """Refuses a password that is too short, or too long to be hashed."""

    def validate(self, password: str, _user: Any = None) -> None:
        """Raise ValidationError where the length is not allowed."""
        bounds = {"shortest": SHORTEST, "longest": LONGEST}
        if len(normalized(password)) < SHORTEST:
            text = _("This password is too short. Use %(shortest)s characters or more: three or four words, say.")
            raise ValidationError(text, "password_too_short", bounds)
        if not has_good_length(password):
            text = _("This password is too long. Use %(longest)s characters at most.")
            raise ValidationError(text, "password_too_long", bounds)

    def get_help_text(self) -> str:
        return _("%(shortest)s to %(longest)s characters, of any kind.") % {"shortest": SHORTEST, "longest": LONGEST}
