"""What the configuration paths of Payment Services are here."""

from collections.abc import Callable

from connector.connection import Connection
from connector.environment import Environment
from connector.exchange.paths import ConfigurationPath
from payments.models import Merchant

_FROM_ONBOARDING = "they come from onboarding at Commerce Services"


def _merchant(connection: Connection, environment: Environment) -> Merchant:
    known = Merchant.objects.filter(data_space_id=connection.data_space_id, environment=environment).first()
    return known or Merchant()


def _merchant_id(environment: Environment) -> Callable[[Connection], str]:
    return lambda connection: _merchant(connection, environment).merchant_id


def _is_active(connection: Connection) -> str:
    return "1" if _merchant(connection, connection.active_environment).is_completed else "0"


PATHS = (
    ConfigurationPath(
        "payment/payment_methods/sandbox_merchant_id", _merchant_id(Environment.SANDBOX), remark=_FROM_ONBOARDING
    ),
    ConfigurationPath(
        "payment/payment_methods/production_merchant_id", _merchant_id(Environment.PRODUCTION), remark=_FROM_ONBOARDING
    ),
    ConfigurationPath("payment/payment_services/active", _is_active, remark=_FROM_ONBOARDING),
)
