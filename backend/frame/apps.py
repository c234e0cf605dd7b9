"""The app of allauth that lists sessions, by hashes of their keys."""

from allauth.usersessions import apps


class UserSessionsConfig(apps.UserSessionsConfig):
    """The app without its signals: they would compare the hashes in its rows with the keys of cookies.

    `backend.frame.session` writes the rows instead.
    """

    def ready(self) -> None:
        """Listen to sign-ins."""
        from backend.frame import session  # noqa: F401  (it listens once it is imported)
