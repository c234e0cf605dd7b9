"""Passkeys: adding, renaming and removing them, and signing in with one."""

import ipaddress
import json
from contextlib import suppress
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth, flows
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, LoginWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from backend.audit.action_log import facts, record
from backend.people.actions import Action, Factor
from backend.people.second_factor import rules
from backend.people.second_factor.adapter import host
from backend.people.second_factor.passkey_forms import AddPasskeyForm
from backend.people.second_factor.views import added, lock, person_of

NEEDS_NAME = gettext_lazy(
    "A passkey belongs to a host name, and you opened this Admin by an IP address. To add one, open it by its name; on "
    "your own computer that is localhost."
)
NEEDS_TLS = gettext_lazy(
    "Browsers offer passkeys only over https. Open this Admin by an address that begins with https."
)


def obstacle(request: HttpRequest) -> Promise | str:
    """Return why no passkey can belong to the address of `request`, empty where one can."""
    name = host(request.get_host())
    with suppress(ValueError):
        ipaddress.ip_address(name)
        return NEEDS_NAME
    is_local = name == "localhost" or name.endswith(".localhost")
    return "" if request.is_secure() or is_local else NEEDS_TLS


def described(passkey: Authenticator) -> str:
    """Return what the log says of `passkey`."""
    return f"{Factor.WEBAUTHN.value}\n{facts(name=passkey.data['name'])}"


class Add(AddWebAuthnView):
    """Adds a passkey."""

    template_name = "mfa/webauthn/add_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask the browser for a passkey that works without a password, too."""
        shown: dict[str, Any] = super(AddWebAuthnView, self).get_context_data(**kwargs)
        shown["obstacle"] = obstacle(self.request)
        if not shown["obstacle"]:
            options = auth.begin_registration(person_of(self.request), passwordless=True)
            shown["options"] = json.dumps(options, cls=DjangoJSONEncoder)
        return shown

    def form_valid(self, form: AddPasskeyForm) -> HttpResponse:
        """Store the passkey, log it, and show recovery codes where they are the first ones."""
        with transaction.atomic():
            person = lock(self.request)
            passkey, recovery = flows.add_authenticator(
                self.request, name=form.cleaned_data["name"], credential=form.cleaned_data["credential"]
            )
            record(Action.SECOND_FACTOR_ADDED, person.username, after=described(passkey))
        return added(self.request, recovery, _("The passkey was added."))


class Rename(EditWebAuthnView):
    """Gives a passkey another name."""

    template_name = "mfa/webauthn/edit_form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Store and log the name, unless the passkey was removed meanwhile: to save it would bring it back."""
        with transaction.atomic():
            person = lock(self.request)
            passkey = self.get_object()
            before = described(passkey)
            passkey.data["name"] = form.cleaned_data["name"]
            if described(passkey) != before:
                passkey.save(update_fields=["data"])
                record(Action.SECOND_FACTOR_RENAMED, person.username, before=before, after=described(passkey))
        messages.success(self.request, _("The name of the passkey was saved."))
        return redirect("mfa_index")


class Remove(RemoveWebAuthnView):
    """Removes a passkey."""

    template_name = "mfa/webauthn/authenticator_confirm_delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say why the last factor stays where it has to."""
        shown: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[no-untyped-call]
        return shown | {"may_remove": rules.may_remove(self.object)}

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ARG002  (the framework's signature)
        """Remove the passkey and log it, unless it is the last factor of somebody who needs one."""
        with transaction.atomic():
            person = lock(self.request)
            if not rules.may_remove(self.object):
                return redirect("mfa_remove_webauthn", self.object.pk)
            record(Action.SECOND_FACTOR_REMOVED, person.username, before=described(self.object))
            flows.remove_authenticator(self.request, self.object)
        messages.success(self.request, _("The passkey was removed."))
        return redirect("mfa_index")


class SignIn(LoginWebAuthnView):
    """Signs somebody in by a passkey alone. Without a passkey in it, a request asks what to sign."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer what the passkey has to sign, or sign in. A GET would change the session."""
        if "credential" not in request.POST:
            return JsonResponse(auth.begin_authentication(), encoder=DjangoJSONEncoder)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ARG002  (the framework's signature)
        """Lead back to the sign-in page. One text for every reason."""
        text = _("The passkey is not right, or there were too many tries. Sign in with your password instead.")
        messages.error(self.request, text)
        return redirect(settings.LOGIN_URL)


page_methods = require_http_methods(["GET", "HEAD", "POST"])
add = page_methods(Add.as_view())
rename = page_methods(Rename.as_view())
remove = page_methods(Remove.as_view())
sign_in = require_POST(sensitive_post_parameters()(SignIn.as_view()))
