"""How people sign in: settings that are the same in every installation. `settings.py` takes all of them over."""

AUTHENTICATION_BACKENDS = ["backend.people.sign_in.Backend"]
# The first one makes new hashes. The others open old ones, which are then replaced.
PASSWORD_HASHERS = [
    "backend.people.passwords.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"backend.people.passwords.{name}"}
    for name in ("length.LengthValidator", "words.WordsValidator", "breached.BreachedValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "change_password": "backend.people.passwords.forms.ChangePasswordForm",
    "reset_password": "backend.people.passwords.resetting.ForgottenPasswordForm",
    "reset_password_from_key": "backend.people.passwords.resetting.NewPasswordForm",
    "user_token": "backend.people.passwords.resetting.ResetLinkForm",
}
# Django's own: allauth's stores addresses in a table of its own, where former ones of a person would stay.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105  (a class)
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "backend.people.sign_in.Adapter"
ACCOUNT_SESSION_REMEMBER = False

# Of IPv6, `ip` is a network of /64. The `key` of `login_failed` is a name from one address: that allows 60 guesses an
# hour from an address. The limits of a name alone and of a network of /48 stop people who guess from many addresses.
# Strangers can use them up, so they do not hold where the person has signed in before, by address or by the cookie of
# the device, which has a limit of its own.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_name": "200/h/key",
    "login_failed_network": "100/h/key",
    "login_failed_device": "20/h/key",
    # `key` is what was typed. More would find out who is here by waiting for mail.
    "reset_password": "10/m/ip,30/h/ip,3/30m/key",
    # `key` is a person. More would fill the mailbox: a name can be typed in many ways, such as with a long s for an s.
    "reset_password_mail": "3/30m/key",
}

MFA_ADAPTER = "backend.people.second_factor.adapter.Adapter"
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
MFA_FORMS = {
    "activate_totp": "backend.people.second_factor.forms.ActivateForm",
    "add_webauthn": "backend.people.second_factor.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "backend.people.second_factor.passkey_forms.RenamePasskeyForm",
    "authenticate_webauthn": "backend.people.second_factor.passkey_forms.PasskeyForm",
    "reauthenticate_webauthn": "backend.people.second_factor.passkey_forms.PasskeyAgainForm",
    "login_webauthn": "backend.people.second_factor.passkey_forms.PasskeyAloneForm",
    "authenticate": "backend.people.second_factor.forms.CodeForm",
    "reauthenticate": "backend.people.second_factor.forms.CodeAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# The device checks a fingerprint, a face or a PIN, so a passkey alone is two factors.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Signing in by passkey takes two requests.
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Nobody signs in by an email address, so nobody has to prove theirs first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
