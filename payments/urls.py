"""Addresses below Sales › Payment Services."""

from django.urls import path

from payments import paypal, views
from payments.report import export, order
from payments.report import views as report

app_name = "payments"
urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", views.settings_page, name="settings"),
    path("configure/", views.configure, name="configure"),
    path("verify/", views.verify, name="verify"),
    path("refresh/", views.refresh, name="refresh"),
    path("onboarding/<str:environment>/", paypal.begin, name="onboarding"),
    path("onboarding/<str:environment>/return/", paypal.came_back, name="onboarding_return"),
    path("onboarding/<str:environment>/check/", paypal.check, name="check"),
    path("merchants/<int:pk>/reset/", paypal.reset, name="reset"),
    path("merchants/<int:pk>/dismiss/", paypal.dismiss, name="dismiss"),
    path("orders/", report.report, name="orders"),
    path("orders/refresh/", report.refresh, name="orders_refresh"),
    path("orders/export/", export.export, name="orders_export"),
    path("orders/columns/", report.choose_columns, name="orders_columns"),
    path("orders/columns/reset/", report.reset_columns, name="orders_columns_reset"),
    path("orders/<int:pk>/", order.order_page, name="order"),
    path("switch-environment/", views.switch_environment, name="switch_environment"),
]
