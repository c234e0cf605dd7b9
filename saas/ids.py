"""The shapes of the ids that an account and its keys get."""

import secrets


def new_mage_id() -> str:
    """Return `MAG` and nine digits at random; the unique constraint settles a collision."""
    return f"MAG{secrets.randbelow(10**9):09}"


def new_ims_organization_id() -> str:
    """Return an id of the shape that the identity service gives to organisations."""
    return f"{secrets.token_hex(12).upper()}@AdobeOrg"


def new_api_key() -> str:
    """Return a public API key: 32 hex digits."""
    return secrets.token_hex(16)
