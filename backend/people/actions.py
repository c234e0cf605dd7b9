"""What the action log says of people and roles."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What was done, or tried."""

    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGNED_OUT = "signed_out", _("Signed out")
    REAUTHENTICATION_FAILED = "reauthentication_failed", _("Identity check failed")
    PASSWORD_RESET_ASKED = "password_reset_asked", _("New password requested by email")
    PASSWORD_RESET = "password_reset", _("New password set by email")
    USER_CREATED = "user_created", _("User created")
    USER_CHANGED = "user_changed", _("User changed")
    USER_DELETED = "user_deleted", _("User deleted")
    USER_UNLOCKED = "user_unlocked", _("Sign-in limits lifted")
    SESSIONS_ENDED = "sessions_ended", _("Sessions ended")
    SECOND_FACTOR_ADDED = "second_factor_added", _("Second factor added")
    SECOND_FACTOR_RENAMED = "second_factor_renamed", _("Second factor renamed")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second factor removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes made")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    ROLE_CREATED = "role_created", _("Role created")
    ROLE_CHANGED = "role_changed", _("Role changed")
    ROLE_DELETED = "role_deleted", _("Role deleted")


# The names of facts that nothing else has.
FACTS = {"sessions": _("Sessions"), "codes_left": _("Codes left"), "second_factor": _("Second factor")}


class Factor(models.TextChoices):
    """What people sign in with besides their password, by allauth's names."""

    TOTP = "totp", _("Authenticator app")
    WEBAUTHN = "webauthn", _("Passkey")
    RECOVERY_CODES = "recovery_codes", _("Recovery codes")


class SignedInWith(models.TextChoices):
    """What somebody used to sign in. The second factor has allauth's name, as in `Factor`."""

    PASSWORD = "password_alone", _("Password alone")
    PASSWORD_AND_TOTP = "password_and_totp", _("Password and authenticator app")
    PASSWORD_AND_RECOVERY_CODE = "password_and_recovery_codes", _("Password and recovery code")
    PASSWORD_AND_PASSKEY = "password_and_webauthn", _("Password and passkey")
    PASSKEY = "passkey_alone", _("Passkey alone")


class Refusal(models.TextChoices):
    """Why somebody could not sign in, confirm who they are, get a link, or do something to a person."""

    CREDENTIALS = "credentials", _("User name or password is wrong, or the user is not active")
    WRONG_PASSWORD = "wrong_password", _("The current password is wrong")
    TOO_MANY_TRIES = "too_many_tries", _("Too many tries in a short time")
    BEYOND = "beyond", _("Beyond what the person may do or give")
    ONESELF = "oneself", _("Nobody may do this to themselves")
    LAST_ADMINISTRATOR = "last_administrator", _("This is the last active administrator")
    SECOND_FACTOR = "second_factor", _("The code or the passkey is wrong, or the code was used before")
    NOBODY = "nobody", _("No active person with an email address has that name or address")
