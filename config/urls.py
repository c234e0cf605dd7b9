"""The addresses of the whole project; other programs use them, so they stay as they are."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from dashboard import health
from dashboard.metrics.views import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="dashboard"), name="root"),
    path("admin/", include("dashboard.urls")),
    path("admin/", include("backend.frame.urls")),
    path("admin/", include("backend.audit.urls")),
    path("admin/", include("backend.people.urls")),
    path("admin/system/encryption-key/", include("connector.rekey.urls")),
    path("admin/stores/configuration/commerce-services-connector/", include("connector.configuration.urls")),
    path("admin/sales/payment-services/", include("payments.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
if settings.STAND_IN:
    urlpatterns.append(path("", include("saas.urls")))

handler400 = "backend.frame.error_pages.bad_request"
handler403 = "backend.audit.refusals.not_allowed"
handler404 = "backend.frame.error_pages.not_found"
handler429 = "backend.people.limits.too_many_requests"
handler500 = "backend.frame.error_pages.server_error"
