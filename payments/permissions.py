"""The permission of Payment Services, as `has_perm` takes it."""

USE_PAYMENTS = "payments.use_payment_services"
