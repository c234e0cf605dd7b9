"""The page that asks people again who they are, and the way to it and back."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.signals import authentication_step_completed
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ReauthenticateView
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.urlkit import script_aware_resolve
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch, reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.frame import session
from backend.frame.reauthentication import confirm
from backend.frame.redirects import is_within, way_back


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest | None, **_kwargs: Any) -> None:
    """Count a sign-in as a confirmation."""
    if request is not None:
        confirm(request)


@receiver(authentication_step_completed)
def note_reauthentication(request: HttpRequest, *, reauthenticated: bool = False, **_kwargs: Any) -> None:
    """Count the password, code or passkey of somebody who was asked again who they are.

    The session gets a new key, so that a thief who has the former one cannot do what the person may do now.
    """
    if reauthenticated:
        session.of(request).renew_key()
        confirm(request)


class Middleware:
    """Leads to the page that asks, and from there to the page that was wanted. A form that was sent is not kept.

    allauth's own middleware, which this one precedes, would store the form in the session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Redirect instead of failing."""
        if isinstance(exception, SessionInterrupted):
            # The form was sent twice, or the session was ended. People who are still signed in are led on from there.
            return redirect_to_login(get_next_redirect_url(request) or reverse("dashboard"))
        if not isinstance(exception, ReauthenticationRequired) or not request.user.is_authenticated:
            return None
        ways = get_adapter().get_reauthentication_methods(request.user)
        if not ways:
            raise PermissionDenied
        if request.method == "POST":
            messages.warning(
                request, _("Nothing was changed: some time has passed. Confirm that it is you, then do it again.")
            )
        query = urlencode({"next": request.get_full_path(), "back": way_back(request)})
        return redirect(f"{ways[0]['url']}?{query}")


class Purpose:
    """Gives the pages that ask a sentence that says what for, and a way back."""

    request: HttpRequest

    @cached_property
    def wanted(self) -> ResolverMatch | None:
        """The view that asked, None where that is unknown."""
        try:
            match: ResolverMatch = script_aware_resolve(urlsplit(get_next_redirect_url(self.request) or "").path)
        except Http404:
            return None
        return match

    @property
    def purpose(self) -> Promise | str:
        """The sentence that says what for. allauth's own views have none."""
        otherwise = _("Confirm that it is you to go on.")
        if self.wanted is None:
            return otherwise
        if (self.wanted.url_name or "").startswith("mfa_"):
            return _("Confirm that it is you to change how you sign in.")
        purpose: Promise | str = getattr(self.wanted.func, "reauthentication_purpose", otherwise)
        return purpose

    @property
    def back(self) -> str:
        """The address of the page that the person came from."""
        back = self.request.GET.get("back", "")
        return back if is_within(back) else reverse("dashboard")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the purpose and the way back, which the other ways to confirm need too."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # allauth's view
        return context | {"purpose": self.purpose, "back": self.back, "back_query": urlencode({"back": self.back})}

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on to the page that was wanted. After a download this page would stay open, so go back instead."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        has_page = self.wanted is None or getattr(self.wanted.func, "has_page", True)
        return response if has_page else redirect(self.back)


class Password(Purpose, ReauthenticateView):
    """Asks for the password."""


class Code(Purpose, CodeView):
    """Asks for a code of the authenticator app, or a recovery code."""


class Passkey(Purpose, ReauthenticateWebAuthnView):
    """Asks for a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the passkey has to sign, for the script that asks the device."""
        # allauth leaves out the form that was refused.
        context = super().get_context_data(**kwargs) | kwargs
        return context | {"options": json.dumps(context["js_data"]["request_options"], cls=DjangoJSONEncoder)}

    def form_invalid(self, form: Any) -> HttpResponse:
        """Ask again here; allauth would lead to the sign-in page."""
        return self.render_to_response(self.get_context_data(form=form))


page_methods = require_http_methods(["GET", "HEAD", "POST"])
by_password = page_methods(sensitive_post_parameters("password")(Password.as_view()))
by_code = page_methods(sensitive_post_parameters("code")(Code.as_view()))
by_passkey = page_methods(sensitive_post_parameters("credential")(Passkey.as_view()))
