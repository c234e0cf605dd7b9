"""Simulated PayPal: the page that onboarding leads to, and the links to it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backend.frame.countries import Country
from backend.frame.policy import lead_to, origin_of
from saas.choices import Onboarding
from saas.models import Merchant, PayPalLink

MAX_URL_LENGTH = 2000


class Outcome(models.TextChoices):
    """What a merchant can answer at PayPal."""

    AGREE = "agree", _("Agree")
    AGREE_UNCONFIRMED = "agree-unconfirmed", _("Agree, e-mail not confirmed")
    CONFIRM = "confirm", _("Confirm the e-mail address")
    DECLINE = "decline", _("Decline")
    LEAVE = "leave", _("Leave")


# What each answer makes of a merchant; an answer that is not here leaves the status as it is.
STATUSES = {
    Outcome.AGREE: Onboarding.COMPLETED,
    Outcome.AGREE_UNCONFIRMED: Onboarding.UNVERIFIED,
    Outcome.CONFIRM: Onboarding.COMPLETED,
}
ONBOARDING = (Outcome.AGREE, Outcome.AGREE_UNCONFIRMED, Outcome.DECLINE, Outcome.LEAVE)
OFFERED = {
    Onboarding.UNVERIFIED: (Outcome.CONFIRM, Outcome.LEAVE),
    Onboarding.COMPLETED: (Outcome.LEAVE,),
}


class PayPalForm(forms.Form):
    """What PayPal asks of a merchant: an e-mail address, a country, and the answer."""

    email = forms.EmailField(label=_("E-mail address of the PayPal account"), max_length=254)
    country = forms.ChoiceField(label=_("Country"), choices=Country.choices)
    outcome = forms.ChoiceField(choices=Outcome.choices, widget=forms.HiddenInput)

    def __init__(self, merchant: Merchant, data: Any = None) -> None:
        initial = {"email": merchant.email or "merchant@example.com", "country": merchant.country}
        super().__init__(data, initial=initial)
        self.offered = OFFERED.get(Onboarding(merchant.status), ONBOARDING)
        # Somebody who only leaves need not enter anything.
        if data and data.get("outcome") not in STATUSES:
            for name in ("email", "country"):
                self.fields[name].required = False

    def clean_outcome(self) -> Outcome:
        """Refuse an answer that the page does not offer."""
        outcome = Outcome(self.cleaned_data["outcome"])
        if outcome not in self.offered:
            raise forms.ValidationError(_("PayPal does not ask this now. Choose one of the buttons."))
        return outcome


def is_return_url(url: str) -> bool:
    """Return whether the page can lead back to `url`."""
    if len(url) > MAX_URL_LENGTH or not url.isprintable():
        return False
    try:
        urlsplit(url)
    except ValueError:
        # What is between brackets is no address of IPv6.
        return False
    return bool(origin_of(url))


def link(request: HttpRequest, merchant: Merchant, return_url: str) -> str:
    """Return a link to the page for `merchant`, which leads back to `return_url`."""
    token = PayPalLink.objects.make(merchant, return_url, timezone.now())
    return request.build_absolute_uri(reverse("saas:paypal", args=[token]))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the merchant as PayPal does; POST takes the answer and leads back to where the merchant came from."""
    found = PayPalLink.objects.of(token)
    if found is None or found.is_over(timezone.now()):
        return _over(request, found)
    form = PayPalForm(found.merchant, request.POST if request.method == "POST" else None)
    if form.is_valid():
        if answer(found.merchant, form):
            return HttpResponseRedirect(_return_address(found, form.cleaned_data["outcome"]))
        return _over(request, found)
    context = {"form": form, "merchant": found.merchant, "host": urlsplit(found.return_url).netloc}
    return lead_to(render(request, "saas/paypal.html", context), [found.return_url])


def answer(merchant: Merchant, form: PayPalForm) -> bool:
    """Store the answer. Return False if another tab answered before."""
    outcome = form.cleaned_data["outcome"]
    status = STATUSES.get(outcome, merchant.status)
    if outcome == Outcome.DECLINE and merchant.status == Onboarding.STARTED:
        status = Onboarding.CREATED
    facts = {name: form.cleaned_data[name] for name in ("email", "country")} if outcome in STATUSES else {}
    return merchant.answer(status, timezone.now(), **facts)


def _over(request: HttpRequest, found: PayPalLink | None) -> HttpResponse:
    context = {"return_url": found.return_url if found else ""}
    return render(request, "saas/paypal_over.html", context, status=410 if found else 404)


def _return_address(found: PayPalLink, outcome: Outcome) -> str:
    """Return the address that leads back, with the parameters that PayPal adds."""
    merchant = found.merchant
    if outcome == Outcome.LEAVE:
        return found.return_url
    has_agreed = str(outcome in STATUSES).lower()
    parameters = {
        "merchantId": str(merchant.pk),
        "merchantIdInPayPal": merchant.paypal_account_id,
        "permissionsGranted": has_agreed,
        "consentStatus": has_agreed,
        "isEmailConfirmed": str(merchant.is_email_confirmed).lower(),
    }
    parts = urlsplit(found.return_url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()])
    return parts._replace(query=query).geturl()
