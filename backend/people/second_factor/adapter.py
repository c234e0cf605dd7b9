"""What allauth asks this project about second factors: how they are stored, named and shown."""

from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode

from backend.people.second_factor import rules, sealing

PRODUCT = "Commerce Admin"


class Adapter(DefaultMFAAdapter):
    """Stores secrets encrypted, and draws the QR code so that the page needs no weaker policy."""

    error_messages = DefaultMFAAdapter.error_messages | {
        # The same for every reason.
        "incorrect_code": gettext_lazy("The code is not right, or it was used before."),
        "cannot_delete_authenticator": gettext_lazy(
            "You need a second factor here, and this is your last one. Add another one first."
        ),
        "cannot_generate_recovery_codes": gettext_lazy("Add an authenticator app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        """Return `text` as it is stored."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text that was encrypted. Raises SealedValueError."""
        return sealing.opened(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return what an authenticator app calls this Admin: people may have several."""
        return f"{PRODUCT} ({self._get_site_name()})"

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code of `url` as a part of the page: a data address would need `img-src data:`."""
        code = QRCode(image_factory=SvgPathImage)
        code.add_data(url)  # type: ignore[no-untyped-call]
        drawn: str = code.make_image().to_string(encoding="unicode")  # type: ignore[no-untyped-call]
        return drawn

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:  # noqa: A002  (allauth's signature)
        """Return what a new passkey is called until its owner says otherwise."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return what passkeys belong to: the host name of the address, without its port."""
        return {"id": host(context.request.get_host()), "name": PRODUCT}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Return whether its owner may remove a factor: not the last one while the owner needs one."""
        return rules.may_remove(authenticator)


def host(address: str) -> str:
    """Return the name in an `address` that may have a port."""
    return urlsplit(f"//{address}").hostname or ""
