"""Addresses below Sales › Payment Services."""

from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", views.settings_page, name="settings"),
    path("configure/", views.configure, name="configure"),
    path("verify/", views.verify, name="verify"),
    path("refresh/", views.refresh, name="refresh"),
    path("switch-environment/", views.switch_environment, name="switch_environment"),
]
