"""Uses up codes: of authenticator apps, and recovery codes."""

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

CODES = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
# In the data of a factor: the last time step whose code was used.
LAST_STEP = "last_step"
FEW_LEFT = 3


@transaction.atomic
def use(person: User, code: str) -> Authenticator | None:
    """Use up `code`; return what it belongs to, None if it is wrong or was used before. Raises SealedValueError.

    allauth notes a used code in the cache. Without Redis, each process has its own, so we note it in the row.
    """
    # Of two requests with the same code, one waits here and then finds it used.
    factors = Authenticator.objects.select_for_update().filter(user=person, type__in=CODES)
    for factor in sorted(factors, key=lambda factor: CODES.index(factor.type)):
        if factor.type == Authenticator.Type.TOTP:
            step = step_of(decrypt(factor.data["secret"]), code, after=factor.data.get(LAST_STEP, 0))
            if step:
                return note_step(factor, step)
        else:
            recovery = RecoveryCodes(factor)
            if recovery.validate_code(code):
                used: Authenticator = recovery.instance
                return used
    return None


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the time step whose code this is, None if it is no code of now, or of a step not `after` the last one."""
    for step in yield_hotp_counters_from_time():
        if step > after and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def note_step(factor: Authenticator, step: int) -> Authenticator:
    """Remember that the code of `step` was used."""
    factor.data[LAST_STEP] = step
    factor.save(update_fields=["data"])
    return factor


def left(recovery: Authenticator) -> int:
    """Return how many recovery codes are left. The secret stays closed."""
    count: int = settings.MFA_RECOVERY_CODE_COUNT
    used = int(recovery.data["used_mask"])
    return count - used.bit_count()
