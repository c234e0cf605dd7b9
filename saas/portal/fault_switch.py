"""My Account › Fault switch: how the gateway misbehaves, and how far onboarding at PayPal is."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from saas.models import DataSpace, Fault, Merchant
from saas.portal.accounts import SignedInRequest, current_account
from saas.portal.forms import FaultForm, OnboardingForm
from saas.portal.received import received


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("saas.change_fault", raise_exception=True)
def faults(request: SignedInRequest) -> HttpResponse:
    """Show the fault of each environment; POST switches one."""
    posted = FaultForm(request.POST) if request.method == "POST" else None
    if posted is not None and posted.is_valid():
        Fault.objects.switch(**posted.cleaned_data)
        messages.success(request, _("The gateway answers as chosen from the next request on."))
        return redirect("saas:faults")
    if posted is not None and "environment" in posted.errors:
        raise Http404
    return fault_page(request, posted)


@require_POST
@permission_required("saas.change_fault", raise_exception=True)
def onboard(request: SignedInRequest) -> HttpResponse:
    """Set how far onboarding at PayPal is for a data space of the current account, in one environment."""
    account = current_account(request)
    if account is None:
        raise Http404
    form = OnboardingForm(account, request.POST)
    if not form.is_valid():
        return fault_page(request, sent=form)
    merchant = form.save()
    message = _("%(data_space)s, %(environment)s: the status is %(status)s now. The Admin reads it with Check again.")
    values = {"data_space": merchant.data_space, "environment": merchant.get_environment_display()}
    messages.success(request, message % {**values, "status": merchant.status})
    return redirect("saas:faults")


def fault_page(
    request: SignedInRequest, posted: FaultForm | None = None, sent: OnboardingForm | None = None
) -> HttpResponse:
    """Render the switches; a refused form comes back as it was sent.

    The switch of onboarding needs a data space in the current account. The merchants of that account are listed, and
    what its stores have sent.
    """
    rows = []
    for fault in Fault.objects.by_environment():
        initial = {"environment": fault.environment, "kind": fault.kind, "seconds": fault.seconds or None}
        form = FaultForm(initial=initial, auto_id=f"id_{fault.environment}_%s")
        is_posted = posted is not None and posted.cleaned_data["environment"] == fault.environment
        rows.append((fault, posted if is_posted else form))
    account = current_account(request)
    has_space = account is not None and DataSpace.objects.of(account).exists()
    onboarding = (sent or OnboardingForm(account)) if account and has_space else None
    merchants = Merchant.objects.of_account(account) if account else []
    context = {"rows": rows, "account": account, "onboarding_form": onboarding, "merchants": merchants}
    return render(request, "saas/faults.html", context | received(request, account))
