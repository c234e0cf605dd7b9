"""The models of Payment Services: its merchants, and the orders of their stores."""

from payments.models.merchants import Merchant
from payments.models.orders import Order, OrderSource, ShownColumns

__all__ = ["Merchant", "Order", "OrderSource", "ShownColumns"]
