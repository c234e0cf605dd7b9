"""Payment Services stores nothing of its own; this model carries its permission."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentServices(models.Model):
    """No table: the content type that the permission hangs on."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [("use_payment_services", _("Use Payment Services"))]

    def __str__(self) -> str:
        return "Payment Services"
