"""Account Setting › Two-Factor Authentication, and the second step of a sign-in."""

import json
from typing import Any, cast

from allauth.account.internal.stagekit import clear_login
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery_flows
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.internal import flows as totp_flows
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from backend.audit.action_log import facts, record
from backend.people import required_steps
from backend.people.actions import Action, Factor
from backend.people.second_factor import codes, pending, rules
from backend.people.second_factor.forms import ActivateForm


def person_of(request: HttpRequest) -> User:
    """Return the person of a page that asks for a sign-in."""
    return cast("User", request.user)


def lock(request: HttpRequest) -> User:
    """Return the person of `request`. Another request that changes their factors waits until this one is done."""
    return User.objects.select_for_update().get(pk=person_of(request).pk)


def show_codes(request: HttpRequest, recovery: Authenticator, on: str = "") -> HttpResponse:
    """Answer with the recovery codes. Nothing can show them again, as with a new private key.

    The person goes on to the address `on`, or back to their factors.
    """
    wrapped = RecoveryCodes(recovery)
    wrapped.mark_as_viewed()
    shown = {"unused_codes": wrapped.get_unused_codes(), "on": on or reverse("mfa_index")}
    return render(request, "mfa/recovery_codes/index.html", shown)


class Overview(IndexView):
    """Shows what a person signs in with besides the password."""

    template_name = "mfa/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many recovery codes are left, and whether the person needs a second factor."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        recovery = shown["authenticators"].get(Authenticator.Type.RECOVERY_CODES)
        shown["codes_left"] = codes.left(recovery.instance) if recovery else None
        shown["has_few_codes"] = bool(recovery) and shown["codes_left"] <= codes.FEW_LEFT
        shown["is_required"] = rules.is_required(person_of(self.request))
        return shown


class Activate(ActivateTOTPView):
    """Adds an authenticator app."""

    template_name = "mfa/totp/activate_form.html"

    def form_valid(self, form: ActivateForm) -> HttpResponse:
        """Store the app with its first code used up, log it, and show new recovery codes."""
        with transaction.atomic():
            person = lock(self.request)
            if Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
                return redirect("mfa_index")
            factor, recovery = totp_flows.activate_totp(self.request, form)
            codes.note_step(factor, form.step or 0)
            record(Action.SECOND_FACTOR_ADDED, person.username, after=Factor.TOTP.value)
        return added(self.request, recovery, _("The authenticator app was added."))


def added(request: HttpRequest, recovery: Authenticator | None, text: str) -> HttpResponse:
    """Answer after a factor was added: the step is done. Show `recovery` codes where they are the first ones."""
    messages.success(request, text)
    on = required_steps.finish(request, "second_factor")
    return show_codes(request, recovery, on) if recovery else redirect(on or "mfa_index")


class Deactivate(DeactivateTOTPView):
    """Removes the authenticator app."""

    template_name = "mfa/totp/deactivate_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead back where there is no app, such as in a second tab."""
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except Http404:
            return redirect("mfa_index")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say why the last factor stays where it has to."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        return shown | {"may_remove": rules.may_remove(self.authenticator)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove the app and log it, unless another request removed the other factor meanwhile."""
        with transaction.atomic():
            person = lock(self.request)
            if not rules.may_remove(self.authenticator):
                return redirect("mfa_deactivate_totp")
            record(Action.SECOND_FACTOR_REMOVED, person.username, before=Factor.TOTP.value)
            response: HttpResponse = super().form_valid(form)
        messages.success(self.request, _("The authenticator app was removed."))
        return response


class NewCodes(GenerateRecoveryCodesView):
    """Makes new recovery codes; the old ones end."""

    template_name = "mfa/recovery_codes/generate.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Leave out how many are left, for which allauth would open the secret."""
        return super(GenerateRecoveryCodesView, self).get_context_data(**kwargs)

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ARG002  (the framework's signature)
        """Store the codes, log that, and show them."""
        with transaction.atomic():
            recovery = recovery_flows.generate_recovery_codes(self.request)
            after = facts(codes_left=codes.left(recovery))
            record(Action.RECOVERY_CODES_MADE, self.request.user.get_username(), after=after)
        return show_codes(self.request, recovery)


class SecondStep(AuthenticateView):
    """Asks for a code or a passkey after the password."""

    template_name = "mfa/authenticate.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, unless the password was changed meanwhile."""
        return self._begin_again() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check the code or passkey. If the password has changed since it was typed, start the sign-in again."""
        response: HttpResponse = self._begin_again() or super().post(request, *args, **kwargs)
        return response

    def _begin_again(self) -> HttpResponse | None:
        """Lead back to the first step where its password is no longer that of the person."""
        if not pending.is_over(self.request, self.stage.login.user):
            return None
        clear_login(self.request)
        messages.warning(self.request, _("Your password was changed meanwhile. Sign in with the new one."))
        return redirect(settings.LOGIN_URL)

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in, and warn somebody whose recovery codes are nearly used up."""
        response: HttpResponse = super().form_valid(form)
        used = getattr(form, "authenticator", None)
        if used and used.type == Authenticator.Type.RECOVERY_CODES and (left := codes.left(used)) <= codes.FEW_LEFT:
            text = ngettext(
                "You have %(count)s recovery code left. Make new ones at Account Setting › Two-Factor Authentication.",
                "You have %(count)s recovery codes left. Make new ones at Account Setting › Two-Factor Authentication.",
                left,
            )
            last = _("That was your last recovery code. Make new ones at Account Setting › Two-Factor Authentication.")
            messages.warning(self.request, text % {"count": left} if left else last)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what a passkey has to sign, for somebody who has one."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        has_passkey = rules.factors_of(self.stage.login.user).filter(type=Authenticator.Type.WEBAUTHN).exists()
        options = shown["js_data"]["request_options"] if has_passkey else None
        return shown | {"options": json.dumps(options, cls=DjangoJSONEncoder) if options else ""}


page_methods = require_http_methods(["GET", "HEAD", "POST"])
overview = require_safe(Overview.as_view())
activate = page_methods(sensitive_post_parameters()(Activate.as_view()))
deactivate = page_methods(Deactivate.as_view())
new_codes = page_methods(sensitive_post_parameters()(NewCodes.as_view()))
authenticate = page_methods(sensitive_post_parameters()(SecondStep.as_view()))
