"""How passwords are stored: Argon2id, of the same characters however a keyboard composed them."""

from django.contrib.auth import hashers

from backend.frame.normal_form import normal_form


def normalized(password: str) -> str:
    """Return `password` in the form NFKC, as NIST SP 800-63B section 3.1.1.2 asks for before hashing."""
    return normal_form("NFKC", password)


class Argon2(hashers.Argon2PasswordHasher):
    """Twice the work that OWASP asks for, in one thread.

    Django's own 100 MB for each sign-in would let 16 people who sign in at once use all the memory of a small server.
    Source: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    """

    time_cost = 2
    memory_cost = 47_104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return super().encode(normalized(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        return super().verify(normalized(password), encoded)
