"""Ids of a new account and its keys."""

import secrets


def new_mage_id() -> str:
    """Return `MAG` and nine random digits; a unique constraint refuses a duplicate."""
    return f"MAG{secrets.randbelow(10**9):09}"


def new_ims_organization_id() -> str:
    """Return an id in the shape of the identity service's."""
    return f"{secrets.token_hex(12).upper()}@AdobeOrg"


def new_api_key() -> str:
    """Return a public API key: 32 hex digits."""
    return secrets.token_hex(16)
