"""The pages on which people change their password, or get a new one by e-mail: allauth's, with our forms and pages."""

from typing import Any

from allauth.account import views
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backend.people import mail, required_steps
from backend.people.passwords.forms import ChangePasswordForm


class PasswordChangeView(views.PasswordChangeView):
    """Also does the step that a person may have to do after signing in."""

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
        on = required_steps.finish(self.request, "password")
        return redirect(on) if on else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the person has to do this."""
        is_required = "password" in self.request.session.get(required_steps.OPEN_STEPS, [])
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_required": is_required}


class PasswordResetView(views.PasswordResetView):
    """Sends a link, or says whom to ask where no e-mail can be sent."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a link, if there is a way to send it."""
        answer = super().post if mail.is_set_up() else super().get
        response: HttpResponse = answer(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether e-mails can be sent."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"has_mail": mail.is_set_up()}


class PasswordResetFromKeyView(views.PasswordResetFromKeyView):
    """Leads back to the sign-in, where the password and any second factor are asked for."""

    success_url = reverse_lazy("account_login")


_methods = require_http_methods(["GET", "HEAD", "POST"])
change = _methods(PasswordChangeView.as_view())
reset = _methods(PasswordResetView.as_view())
reset_done = require_safe(views.PasswordResetDoneView.as_view())
reset_from_key = _methods(PasswordResetFromKeyView.as_view())
