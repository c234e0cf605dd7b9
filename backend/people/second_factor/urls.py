"""Addresses of second factors, by the names that allauth leads to."""

from django.urls import path

from backend.people.second_factor import views

OWN = "account-setting/two-factor/"

urlpatterns = [
    path("login/two-factor/", views.authenticate, name="mfa_authenticate"),
    path(OWN, views.overview, name="mfa_index"),
    path(f"{OWN}app/add/", views.activate, name="mfa_activate_totp"),
    path(f"{OWN}app/remove/", views.deactivate, name="mfa_deactivate_totp"),
    path(f"{OWN}recovery-codes/", views.new_codes, name="mfa_generate_recovery_codes"),
]
