"""What commands say where they do not find the stand-in of this project."""

from django.conf import settings

from connector.slot import Slot
from connector.verification.causes import Cause


def hint(slot: Slot) -> str:
    """Return where the command looks for the stand-in, and what to do; empty if the gateway is another one."""
    if not settings.GATEWAY_URLS[slot.environment].startswith(settings.STAND_IN_URL):
        return ""
    return (
        f"This command asks the stand-in in this project at {slot.host}: start it with manage.py runserver, or, if it "
        "runs at another port, put PORT=… in front of this command."
    )


def hint_for(cause: str, slot: Slot) -> str:
    """Return the hint where `cause` is that the gateway of `slot` cannot be reached; empty for any other cause."""
    return hint(slot) if cause == Cause.UNREACHABLE else ""
