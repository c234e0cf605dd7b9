"""Addresses of users, roles, Account Setting and the sign-in."""

from allauth.account import views as account_views
from django.urls import path

from backend.people import account_setting
from backend.people.admin import site

urlpatterns = [
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("account-setting/", account_setting.account_setting, name="account_setting"),
    path("system/", site.urls),
]
