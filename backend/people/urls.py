"""Addresses of users, roles, Account Setting and the sign-in."""

from allauth.account import views as account_views
from django.urls import include, path, register_converter

from backend.people import reauthentication
from backend.people.account_setting import account_setting
from backend.people.passwords.views import change, reset, reset_done, reset_from_key
from backend.people.roles import role, role_delete, roles
from backend.people.sessions import session_end, sessions, user_sign_out
from backend.people.sign_out import SignOutView
from backend.people.users import user, user_delete, users


class Base36Converter:
    """The number of a person as allauth writes it."""

    regex = "[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Base36Converter, "base36")

urlpatterns = [
    path("login/", account_views.login, name="account_login"),
    path("reauthenticate/", reauthentication.by_password, name="account_reauthenticate"),
    path("reauthenticate/code/", reauthentication.by_code, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", reauthentication.by_passkey, name="mfa_reauthenticate_webauthn"),
    path("logout/", SignOutView.as_view(), name="account_logout"),
    path("password/change/", change, name="account_change_password"),
    path("password/reset/", reset, name="account_reset_password"),
    path("password/reset/done/", reset_done, name="account_reset_password_done"),
    path("password/reset/key/<base36:uidb36>-<str:key>/", reset_from_key, name="account_reset_password_from_key"),
    path("", include("backend.people.second_factor.urls")),
    path("account-setting/", account_setting, name="account_setting"),
    path("account-setting/sessions/", sessions, name="sessions"),
    path("account-setting/sessions/<int:pk>/end/", session_end, name="session_end"),
    path("system/permissions/users/", users, name="users"),
    path("system/permissions/users/add/", user, name="user_add"),
    path("system/permissions/users/<int:pk>/change/", user, name="user"),
    path("system/permissions/users/<int:pk>/delete/", user_delete, name="user_delete"),
    path("system/permissions/users/<int:pk>/sign-out/", user_sign_out, name="user_sign_out"),
    path("system/permissions/roles/", roles, name="roles"),
    path("system/permissions/roles/add/", role, name="role_add"),
    path("system/permissions/roles/<int:pk>/change/", role, name="role"),
    path("system/permissions/roles/<int:pk>/delete/", role_delete, name="role_delete"),
]
