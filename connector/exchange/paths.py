"""The configuration paths of a store, and what each of them is here: `connector export` and `import` use them.

Source: the paths that `bin/magento config:show` and `config:set` know, of the modules `magento/services-connector`,
`magento/services-id` and `magento/payment-services`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from connector.connection import Connection
from connector.environment import Environment
from connector.gateway.client import host_of

_KEYS = "services_connector/services_connector_integration"
_IDENTIFIER = "services_connector/services_id"
_LABEL = "labels belong to Commerce Services"


@dataclass(frozen=True)
class ConfigurationPath:
    """A path by its `name`. `value` reads from a connection what it is here; empty means that nothing is set.

    An import fills in the `field` of the configuration form. Without a field it only compares: with the `setting` that
    decides here, or with a value that follows from others; `remark` continues the sentence that says so. The `value` of
    a secret is what distinguishes it from another.
    """

    name: str
    value: Callable[[Connection], str]
    field: str = ""
    is_secret: bool = False
    setting: str = ""
    remark: str = ""


def _api_key(environment: Environment) -> Callable[[Connection], str]:
    def end(connection: Connection) -> str:
        api_key = connection.slots[environment].api_key
        return f"…{api_key[-4:]}" if api_key else ""

    return end


def _fingerprint(environment: Environment) -> Callable[[Connection], str]:
    return lambda connection: connection.slots[environment].fingerprint


def _project_name(connection: Connection) -> str:
    # While the name is not known, pages show the id.
    return connection.project_name if connection.project_name != connection.project_id else ""


def _data_space_name(connection: Connection) -> str:
    return connection.data_space_name if connection.data_space_name != connection.data_space_id else ""


def gateway_url(environment: Environment) -> str:
    """Return the address of the gateway that the settings name, without a user and a password."""
    return without_user(settings.GATEWAY_URLS[environment])


def without_user(url: str) -> str:
    """Return `url` without what comes before an @, which may be a secret."""
    parts = urlsplit(url)
    return parts._replace(netloc=host_of(url)).geturl() if "@" in parts.netloc else url


_paths = [
    ConfigurationPath("magento_saas/environment", lambda here: here.active_environment.value, "active_environment"),
    ConfigurationPath(
        "services_connector/sandbox_gateway_url",
        lambda _here: gateway_url(Environment.SANDBOX),
        setting="SANDBOX_GATEWAY_URL",
    ),
    ConfigurationPath(
        "services_connector/production_gateway_url",
        lambda _here: gateway_url(Environment.PRODUCTION),
        setting="PRODUCTION_GATEWAY_URL",
    ),
    ConfigurationPath(f"{_KEYS}/sandbox_api_key", _api_key(Environment.SANDBOX), "sandbox_api_key", is_secret=True),
    ConfigurationPath(
        f"{_KEYS}/sandbox_private_key", _fingerprint(Environment.SANDBOX), "sandbox_private_key", is_secret=True
    ),
    ConfigurationPath(
        f"{_KEYS}/production_api_key", _api_key(Environment.PRODUCTION), "production_api_key", is_secret=True
    ),
    ConfigurationPath(
        f"{_KEYS}/production_private_key",
        _fingerprint(Environment.PRODUCTION),
        "production_private_key",
        is_secret=True,
    ),
    ConfigurationPath(f"{_IDENTIFIER}/project_id", lambda here: here.project_id, "project_id"),
    ConfigurationPath(f"{_IDENTIFIER}/project_name", _project_name, remark=_LABEL),
    ConfigurationPath(f"{_IDENTIFIER}/environment_id", lambda here: here.data_space_id, "data_space_id"),
    ConfigurationPath(f"{_IDENTIFIER}/environment_name", _data_space_name, remark=_LABEL),
    ConfigurationPath(f"{_IDENTIFIER}/environment", lambda here: here.data_space_type, remark=_LABEL),
    # A store has a switch of its own for Payment Services. Here both follow the active environment.
    ConfigurationPath(
        "payment/payment_methods/method", lambda here: here.active_environment.value, "active_environment"
    ),
]


def register(paths: Iterable[ConfigurationPath]) -> None:
    """Add paths of a higher room. Call it from `AppConfig.ready`."""
    _paths.extend(paths)


def known() -> Mapping[str, ConfigurationPath]:
    """Return all paths by name, in the order in which an export has them."""
    return {path.name: path for path in _paths}


def export(connection: Connection) -> dict[str, str]:
    """Return the value of each path that is set, without those of secrets."""
    values = {name: path.value(connection) for name, path in known().items() if not path.is_secret}
    return {name: value for name, value in values.items() if value}
