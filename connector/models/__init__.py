"""What is stored of the connection."""

from connector.models.instance import Identifier, Instance
from connector.models.key_pairs import RESTORABLE, KeyPair
from connector.models.turns import Turn
from connector.models.verifications import FRESH, Verification

__all__ = ["FRESH", "RESTORABLE", "Identifier", "Instance", "KeyPair", "Turn", "Verification"]
