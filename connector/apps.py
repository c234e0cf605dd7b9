"""The connection of one Commerce instance to Commerce Services."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectorConfig(AppConfig):
    """Key pairs, SaaS identifier and verification."""

    name = "connector"
    verbose_name = _("Commerce Services Connector")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, what log and bell show, the cipher of second factors, and words of the shop."""
        from backend.audit import actions, bell
        from backend.people.passwords import words
        from backend.people.second_factor import sealing
        from connector import checks  # noqa: F401  (registers by being imported)
        from connector.action_log import EVENTS, REFUSED_EVENTS, Action, Refusal, State
        from connector.environment import Environment
        from connector.password_words import shop_words
        from connector.permissions import CONFIGURE
        from connector.rekey import second_factors
        from connector.verification.causes import Cause

        actions.register(
            Action,
            events=EVENTS,
            refused_events=REFUSED_EVENTS,
            labels=[Environment, State, Cause, Refusal],
        )
        sealing.register(sealing.Cipher(second_factors.seal, second_factors.opened))
        bell.register(bell.Place(CONFIGURE, "connector:configuration", _("Open the configuration"), has_anchors=True))
        words.register(shop_words)
