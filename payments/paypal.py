"""The views that lead to PayPal and back, and those that read a status, hide a notice and reset a merchant."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.frame.countries import Country
from backend.frame.dialogs import render_dialog
from backend.frame.fields import visible
from backend.frame.policy import lead_to
from connector.configuration import outcome
from connector.connection import Connection
from connector.environment import Environment
from connector.errors import ConnectorError
from connector.permissions import CONFIGURE
from connector.verification.causes import Cause
from payments import onboarding
from payments.access import may_use, needs_setup
from payments.models import Merchant
from payments.onboarding import ADVANCED, Stage
from payments.permissions import USE_PAYMENTS
from payments.views import home_context, settings_context

HOME = "payments/home.html"
SETTINGS = "payments/settings.html"


class BeginForm(forms.Form):
    """The choices that onboarding begins with. Standard live payments ask for an agreement."""

    country = forms.ChoiceField(label=gettext_lazy("Country of the business"), choices=Country.choices)
    experience = forms.ChoiceField(
        label=gettext_lazy("Payments"),
        choices=[
            (ADVANCED, gettext_lazy("Advanced: cards, wallets and PayPal buttons")),
            ("standard", gettext_lazy("Standard: PayPal buttons")),
        ],
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(
        label=gettext_lazy("For Standard: I accept PayPal’s own agreement for these payments."),
        required=False,
    )

    def __init__(self, stage: Stage, data: Any = None) -> None:
        self.stage = stage
        merchant = stage.merchant
        experience = (merchant.experience or ADVANCED) if stage.is_entitled else "standard"
        super().__init__(data, initial={"country": merchant.country or "US", "experience": experience})

    def clean(self) -> dict[str, Any]:
        """Ask for the agreement to standard live payments."""
        cleaned = super().clean() or self.cleaned_data
        is_live = self.stage.environment is Environment.PRODUCTION
        if is_live and cleaned.get("experience") == "standard" and not cleaned.get("agrees"):
            self.add_error("agrees", _("Tick the box to go on with Standard payments. Nothing was begun."))
        return cleaned


def stage_of(stored: Connection, environment: str) -> Stage:
    """Return how far onboarding of `environment` is, or raise Http404 where nothing can be done there."""
    if environment not in Environment:
        raise Http404
    return onboarding.load(stored)[Environment(environment)]


@may_use
@require_http_methods(["GET", "HEAD", "POST"])
@needs_setup
def begin(request: HttpRequest, stored: Connection, environment: str) -> HttpResponse:
    """Ask for the choices, and lead to PayPal."""
    stage = stage_of(stored, environment)
    if not stage.is_offered and request.method != "POST":
        return redirect("payments:home")
    form = BeginForm(stage, request.POST if request.method == "POST" else None)
    if form.is_valid():
        back = request.build_absolute_uri(reverse("payments:onboarding_return", args=[environment]))
        sent = form.cleaned_data["country"], form.cleaned_data["experience"]
        try:
            return redirect(onboarding.begin(stored, stage, *sent, back))
        except ConnectorError as error:
            outcome.refused(request, error)
        return redirect("payments:home")
    more = {"beginning": stage, "begin_form": form}
    page = render_dialog(request, HOME, "payments/_begin.html", home_context(request, stored) | more)
    return lead_to(page, settings.GATEWAY_URLS.values())


@may_use
@require_safe
def came_back(request: HttpRequest, environment: str) -> HttpResponse:  # noqa: ARG001  (a view)
    """Lead home, where the status is read again. What the address says of it is not believed."""
    if environment not in Environment:
        raise Http404
    return redirect(f"{reverse('payments:home')}?returned={environment}#onboarding-{environment}")


@may_use
@require_POST
@needs_setup
def check(request: HttpRequest, stored: Connection, environment: str) -> HttpResponse:
    """Read now how far onboarding is."""
    stage = stage_of(stored, environment)
    found = onboarding.read(stored, [stage])
    if not found:
        messages.info(request, _("The status is being read already. Open the page again in a few seconds."))
    for answer in found.values():
        if isinstance(answer, Cause):
            text = _("The status could not be read: %(cause)s.")
            messages.warning(request, text % {"cause": answer.label})
        else:
            status = stage_of(stored, environment).label
            messages.success(request, _("The status was read just now: %(status)s.") % {"status": status})
    return redirect(f"{reverse('payments:home')}#onboarding-{environment}")


@may_use
@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide the notice about a consent that was taken back, until it is taken back again."""
    Merchant.objects.dismiss(pk, request.user.pk)
    return redirect("payments:home")


class ResetForm(forms.Form):
    """Asks for the name of the environment whose Payment Services ID is reset."""

    confirmation = forms.CharField(required=False, max_length=255)

    def __init__(self, environment: Environment, data: Any = None) -> None:
        self.environment = environment
        super().__init__(data)

    def clean_confirmation(self) -> str:
        """Compare what was typed with the names that the environment has on pages."""
        typed: str = self.cleaned_data["confirmation"]
        names = {self.environment.value, str(self.environment.label), self.environment.badge}
        if visible(typed).casefold() not in {name.casefold() for name in names}:
            raise forms.ValidationError(_("This is not the name of the environment. Nothing was reset."))
        return typed


@permission_required((CONFIGURE, USE_PAYMENTS), raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
@needs_setup
def reset(request: HttpRequest, stored: Connection, pk: int) -> HttpResponse:
    """Ask for the environment's name, and let Commerce Services forget the merchant. A second time does nothing."""
    merchant = Merchant.objects.filter(pk=pk).exclude(merchant_id="").first()
    if merchant is None:
        messages.info(request, _("This Payment Services ID was reset already."))
        return redirect("payments:settings")
    form = ResetForm(Environment(merchant.environment), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            onboarding.reset(stored, merchant)
        except ConnectorError as error:
            outcome.refused(request, error)
        else:
            text = _("The %(environment)s Payment Services ID was reset. Onboarding can begin again.")
            messages.success(request, text % {"environment": form.environment.badge})
        return redirect("payments:settings")
    more = {"resetting": merchant, "reset_form": form}
    return render_dialog(request, SETTINGS, "payments/_reset.html", settings_context(request, stored) | more)
