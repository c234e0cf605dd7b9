"""What allauth asks this project about second factors."""

from allauth.mfa.adapter import DefaultMFAAdapter

from backend.people.second_factor import sealing


class Adapter(DefaultMFAAdapter):
    """Stores the secrets of second factors encrypted."""

    def encrypt(self, text: str) -> str:
        """Return `text` as it is stored."""
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text that was encrypted. Raises SealedValueError."""
        return sealing.opened(encrypted_text)
