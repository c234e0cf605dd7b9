"""The addresses of the whole project; product.md's table of places is fixed, other programs use it."""

from allauth.account import views as account_views
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView
from django.views.i18n import set_language

from config import (
    account_setting,
    action_logs,
    encryption_key,
    guide,
    health,
    moved,
    notifications,
    session,
    views,
)
from config.permissions import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="dashboard"), name="root"),
    path("admin/", views.dashboard, name="dashboard"),
    path("admin/refresh/", views.refresh, name="dashboard_refresh"),
    path("admin/moved/", moved.moved, name="moved"),
    path("admin/moved/also-here/", moved.add_address, name="add_address"),
    path("admin/moved/copy/", moved.become_copy, name="become_copy"),
    path("admin/account-setting/", account_setting.account_setting, name="account_setting"),
    path("admin/login/", account_views.login, name="account_login"),
    path("admin/logout/", account_views.logout, name="account_logout"),
    path("admin/notifications/", notifications.notifications, name="notifications"),
    path("admin/system/action-logs/", action_logs.report, name="action_logs"),
    path("admin/system/action-logs/export/", action_logs.export, name="action_logs_export"),
    path("admin/system/encryption-key/", encryption_key.encryption_key, name="encryption_key"),
    path("admin/system/encryption-key/re-encrypt/", encryption_key.reencrypt, name="reencrypt"),
    path("admin/stay/", session.stay, name="stay"),
    path("admin/language/", require_POST(set_language), name="set_language"),
    path("admin/search/", views.search, name="search"),
    path("admin/help/", guide.index, name="guide"),
    path("admin/help/<slug:slug>/", guide.page, name="guide_page"),
    path("admin/stores/configuration/commerce-services-connector/", include("connector.urls")),
    path("admin/sales/payment-services/", include("payments.urls")),
    path("admin/system/", site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
if settings.STAND_IN:
    urlpatterns.append(path("", include("saas.urls")))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler429 = "config.errors.too_many_requests"
handler500 = "config.errors.server_error"
