"""Signing out, which leaves nothing of the person in the browser."""

from typing import Any

from allauth.account.views import LogoutView
from django.conf import settings
from django.http import HttpResponse


class SignOutView(LogoutView):
    """allauth's own, which also lets the browser forget what it kept."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign the person out."""
        response: HttpResponse = super().post(*args, **kwargs)
        # Not "cookies": the one of the language is for the next person too. Below a path, the storage is also that of
        # other programs on the host.
        response["Clear-Site-Data"] = '"cache"' if settings.URL_PREFIX else '"cache", "storage"'
        return response
