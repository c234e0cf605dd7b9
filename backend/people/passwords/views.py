"""The page on which a person changes a password that somebody else has set."""

from typing import Any

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backend.people import required_steps
from backend.people.passwords.forms import ChangePasswordForm


class PasswordChangeView(views.PasswordChangeView):
    """allauth's view, which also does the step that a person has to do after signing in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead a person who has no password to their account: there is none to change."""
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_setting")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        """Let the form check the password of the person who sends it."""
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: ChangePasswordForm) -> HttpResponse:
        """Store the password, and go on to where the person wanted."""
        response: HttpResponse = super().form_valid(form)
        required_steps.finish(self.request, "password")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the person has to do this."""
        is_required = "password" in self.request.session.get(required_steps.OPEN_STEPS, [])
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_required": is_required}


change = require_http_methods(["GET", "HEAD", "POST"])(PasswordChangeView.as_view())
