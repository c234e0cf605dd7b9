"""What the processes log: JSON for programs in production mode, text for people in development."""

from typing import Any

# The links of Simulated PayPal and of a new password work for everybody who has them.
_SECRET_PATHS = ["/paypal/onboarding/", "/admin/password/reset/key/"]
_CONSOLE = {"handlers": ["console"], "level": "INFO", "propagate": False}

_FORMATTERS = {
    "text": {
        "()": "backend.frame.log_lines.Text",
        "secret_paths": _SECRET_PATHS,
        "fmt": "{asctime} {levelname} {name} {message}",
        "style": "{",
    },
    "json": {"()": "backend.frame.log_lines.Json", "secret_paths": _SECRET_PATHS},
}
_FORWARDED = {"handlers": ["forwarded"], "level": "INFO", "propagate": False}


def settings(*, is_production: bool, action_log: str) -> dict[str, Any]:
    """Return the setting LOGGING. `action_log` is where rows of the action log go as well, if that is not empty."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": _FORMATTERS,
        "filters": {"refusals": {"()": "backend.frame.log_lines.OneLineARefusal"}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "json" if is_production else "text",
                "filters": ["refusals"],
            },
            **_forwarding(action_log),
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            "django": _CONSOLE,
            # The development server logs whole addresses, which may hold a key: they need our formatter too.
            "django.server": _CONSOLE,
            # So do those of gunicorn, at its own level. Its first process loads no settings but gunicorn.conf.py.
            "gunicorn.error": {"handlers": ["console"], "propagate": False},
            "gunicorn.access": {"handlers": ["console"], "propagate": False},
            # The development server has a line of its own for each request.
            "backend.audit.access_log": {"level": "INFO" if is_production else "WARNING"},
            # A level that is never reached keeps rows from being made into lines for nobody.
            "action_log": _FORWARDED if action_log else {"level": "CRITICAL", "propagate": False},
            # A gateway can make it log warnings with tracebacks, such as of a malformed header. We report what counts.
            "urllib3": {"level": "ERROR"},
            # The action log says who used a passkey. This would add its number.
            "fido2": {"level": "WARNING"},
        },
    }


def _forwarding(place: str) -> dict[str, Any]:
    """Return the handler that sends rows of the action log to `place`, if that is not empty."""
    if place == "stdout":
        return {"forwarded": {"class": "backend.audit.forwarding.StandardOutput"}}
    return {"forwarded": {"class": "backend.audit.forwarding.Syslog", "url": place}} if place else {}
