"""The paste doctor: the halves of a pair in what people paste, from either field.

Every step reads a text a bounded number of times, so the time it takes grows in proportion to the text's length.
"""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from connector.keys import api_keys, encapsulation, pem, repairs
from connector.keys.mistakes import ApiKeyMistake, Mistake, MistakeError
from connector.keys.pem import PrivateKey

# A person waits this long while other pasted keys are validated.
PATIENCE_S = 3.0


@dataclass(frozen=True)
class Pasted:
    """The halves that a text held: both, one, or none where it was empty."""

    api_key: str = ""
    private_key: PrivateKey | None = None


def take_apart(text: str) -> Pasted:
    """Return the private key in `text`, and the API key beside it where a label names it.

    Raises:
        MistakeError: `text` holds no usable private key, or several API keys; or others are being validated.
    """
    private_key, around = pem.read(text, PATIENCE_S)
    return _pasted(private_key, api_keys.find(around)[0])


def take_apart_api_key(text: str) -> Pasted:
    """Return the API key in `text`, and the private key beside it, if there is one.

    Raises:
        MistakeError: `text` holds no API key, or both halves, and the private key is not usable.
    """
    try:
        return Pasted(api_keys.parse(text))
    except MistakeError as error:
        if error.mistake is not ApiKeyMistake.PRIVATE_KEY:
            raise
        peeled, _names = repairs.peel(text)
        boundaries = encapsulation.find(peeled)
        around = f"{peeled[: boundaries[0].start]}-{peeled[boundaries[-1].end :]}"
        labelled, unlabelled = api_keys.find(around)
        if not labelled | unlabelled:
            raise
    # In the field of the API key, a number without a label is one.
    return _pasted(pem.read(text, PATIENCE_S)[0], labelled or unlabelled)


def _pasted(private_key: PrivateKey, found: set[str]) -> Pasted:
    if len(found) > 1:
        raise MistakeError(Mistake.SEVERAL_API_KEYS)
    if not found:
        return Pasted(private_key=private_key)
    # The other text around the private key was its API key, which is not left aside.
    names = (name for name in private_key.repairs if name != str(repairs.OTHER_TEXT))
    return Pasted(found.pop(), replace(private_key, repairs=(*names, _("both halves of the pair in one text"))))
