"""Addresses of second factors, by the names that allauth leads to."""

from django.urls import path

from backend.people.second_factor import passkeys, removal, views

OWN = "account-setting/two-factor/"

urlpatterns = [
    path("login/two-factor/", views.authenticate, name="mfa_authenticate"),
    path("login/passkey/", passkeys.sign_in, name="mfa_login_webauthn"),
    path(OWN, views.overview, name="mfa_index"),
    path(f"{OWN}app/add/", views.activate, name="mfa_activate_totp"),
    path(f"{OWN}app/remove/", views.deactivate, name="mfa_deactivate_totp"),
    path(f"{OWN}passkeys/add/", passkeys.add, name="mfa_add_webauthn"),
    path(f"{OWN}passkeys/<int:pk>/rename/", passkeys.rename, name="mfa_edit_webauthn"),
    path(f"{OWN}passkeys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
    path("system/permissions/users/<int:pk>/two-factor/remove/", removal.remove, name="user_second_factor_remove"),
    path(f"{OWN}recovery-codes/", views.new_codes, name="mfa_generate_recovery_codes"),
]
