"""Why the private key that an environment variable sets cannot be used, and where to correct it."""

from django.utils.translation import gettext as _

from connector.environment import Environment
from connector.keys.mistakes import Mistake


def explain(environment: Environment, mistake: Mistake) -> str:
    """Return what the variable holds instead, in the words of the configuration page."""
    # The second sentence of a mistake is for the field that a key is pasted into.
    fact = str(mistake.label).partition(". ")[0].removesuffix(".")
    return _(
        "The %(environment)s private key is set by the environment of the server process, and cannot be used: "
        "“%(mistake)s.”"
    ) % {"environment": environment.label, "mistake": fact}


def next_step(environment: Environment) -> str:
    """Return what to do about it."""
    return _("Correct it in the environment of the server process, as %(variable)s, and restart.") % {
        "variable": f"CONNECTOR_{environment.upper()}_PRIVATE_KEY"
    }
