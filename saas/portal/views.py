"""My Account: accounts, the API Portal and the fault switch."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from saas.caller import Caller
from saas.choices import Delay, KeyState, Role
from saas.errors import AlreadyIssuedError
from saas.models import Account, ApiKey, DataSpace, Fault
from saas.portal.forms import (
    ChooseAccountForm,
    DeleteKeyForm,
    EntitlementsForm,
    FaultForm,
    NewAccountForm,
    NewKeyForm,
    OnboardingForm,
)

SESSION_ACCOUNT = "saas_account"
USED_LATELY = timedelta(hours=24)


class SignedInRequest(HttpRequest):
    """A request behind the sign-in. `restore` puts into a form what was typed before a session was lost."""

    user: User
    restore: Callable[[BaseForm], None]


def current_account(request: SignedInRequest) -> Account | None:
    """Return the account that the person works in, with their `role`: the chosen one, else their first, else None."""
    accounts = list(Account.objects.of(request.user))
    chosen = [account for account in accounts if account.mage_id == request.session.get(SESSION_ACCOUNT)]
    return next(iter(chosen or accounts), None)


def is_owner(account: Account | None) -> bool:
    """Tell whether the person who found `account` may create keys in it."""
    return getattr(account, "role", None) == Role.LICENSE_OWNER


def owned_account(request: SignedInRequest) -> Account:
    """Return the current account.

    Raises:
        PermissionDenied: the person is no license owner of it.
    """
    account = current_account(request)
    if account is None or not is_owner(account):
        raise PermissionDenied
    return account


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: SignedInRequest) -> HttpResponse:
    """List the person's accounts; POST chooses the one to work in."""
    if request.method == "POST":
        form = ChooseAccountForm(request.POST)
        if not form.is_valid():
            raise Http404
        account = get_object_or_404(Account.objects.of(request.user), mage_id=form.cleaned_data["account"])
        request.session[SESSION_ACCOUNT] = account.mage_id
        messages.success(request, _("You work in %(account)s now.") % {"account": account})
        return redirect("saas:api_portal")
    current = current_account(request)
    offered = EntitlementsForm(initial=model_to_dict(current)) if current and is_owner(current) else None
    return home_page(request, current, offered)


def home_page(request: SignedInRequest, current: Account | None, form: EntitlementsForm | None) -> HttpResponse:
    """Render the accounts, with the entitlements of the `current` one in `form` for who may change them."""
    accounts = Account.objects.of(request.user)
    return render(request, "saas/home.html", {"accounts": accounts, "current": current, "entitlements_form": form})


@require_POST
def entitlements(request: SignedInRequest) -> HttpResponse:
    """Change what the current account is entitled to."""
    account = owned_account(request)
    form = EntitlementsForm(request.POST, initial=model_to_dict(account))
    if not form.is_valid():
        return home_page(request, account, form)
    Account.objects.filter(pk=account.pk).update(**form.cleaned_data)
    messages.success(request, _("The entitlements of %(account)s were saved.") % {"account": account})
    return redirect("saas:home")


@require_http_methods(["GET", "HEAD", "POST"])
def create_account(request: SignedInRequest) -> HttpResponse:
    """Make an account; its creator becomes its license owner."""
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = Account.objects.create_with_owner(request.user, **form.cleaned_data)
        request.session[SESSION_ACCOUNT] = account.mage_id
        message = _("%(organization)s was created. Its MageID is %(mage_id)s.")
        messages.success(request, message % {"organization": account.organization_name, "mage_id": account.mage_id})
        return redirect("saas:api_portal")
    request.restore(form)
    return render(request, "saas/create_account.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def api_portal(request: SignedInRequest) -> HttpResponse:
    """List the account's keys; POST makes one, and its answer alone shows the private key."""
    if request.method == "POST":
        return issue_key(request, owned_account(request))
    context = portal(current_account(request))
    if form := context.get("form"):
        request.restore(form)
    return render(request, "saas/api_portal.html", context)


@sensitive_variables()
def issue_key(request: SignedInRequest, account: Account) -> HttpResponse:
    """Make the key that the form asks for, and show its private half this once."""
    form = NewKeyForm(request.POST)
    if form.is_valid() and not account.in_good_standing:
        form.add_error(
            None, _("No key was made: the account is not in good standing. Settle that with Adobe first, then retry.")
        )
    if not form.is_valid():
        return render(request, "saas/api_portal.html", portal(account, form))
    try:
        key, pair = ApiKey.objects.issue(account, request.user, **form.cleaned_data)
    except AlreadyIssuedError:
        return render(request, "saas/api_portal.html", portal(account) | {"already_issued": True})
    return render(request, "saas/api_portal.html", portal(account) | {"new_key": key, "new_pair": pair})


def portal(account: Account | None, form: NewKeyForm | None = None) -> dict[str, Any]:
    """Return what the API Portal shows of `account`, with a fresh form where none was sent."""
    shown = {"account": account, "already_issued": False, "new_key": None, "new_pair": None, "doomed": None}
    if account is None:
        return shown
    return shown | {
        "keys": [key_row(key, timezone.now()) for key in ApiKey.objects.filter(account=account).listed()],
        "license_owners": account.license_owners(),
        "form": (form or NewKeyForm(initial={"form_token": uuid.uuid4()})) if is_owner(account) else None,
    }


def key_row(key: ApiKey, now: datetime) -> dict[str, Any]:
    """Return what the list shows of `key`: its state at `now`, who used it last and who was refused last."""
    return {
        "key": key,
        "state": key.state(now),
        "used_by": Caller(key.last_used_instance, key.last_used_name),
        "refused_by": Caller(key.refused_instance, key.refused_name),
    }


def owned_key(request: SignedInRequest, key_id: uuid.UUID) -> tuple[ApiKey, Account]:
    """Return the key, and its account with the person's role in it.

    Raises:
        Http404: the person has no role in the key's account.
        PermissionDenied: they are no license owner of it.
    """
    accounts = {account.pk: account for account in Account.objects.of(request.user)}
    key = get_object_or_404(ApiKey.objects.filter(account__in=accounts), pk=key_id)
    account = accounts[key.account_id]
    if not is_owner(account):
        raise PermissionDenied
    return key, account


@require_http_methods(["GET", "HEAD", "POST"])
def delete_key(request: SignedInRequest, key_id: uuid.UUID) -> HttpResponse:
    """Ask when to delete the key and for its name, then do so: the gateway refuses it from that moment on."""
    key, account = owned_key(request, key_id)
    now = timezone.now()
    is_used = key.was_used_since(now - USED_LATELY)
    posted = request.POST if request.method == "POST" else None
    form = DeleteKeyForm(posted, name=key.name, preselected=Delay.DAY if is_used else Delay.NONE)
    if key.state(now) == KeyState.DELETED:
        say_state(request, key)
    elif form.is_valid():
        is_new = key.delete_at(now, form.cleaned_data["when"].duration)
        key.refresh_from_db()
        say_state(request, key, is_new=is_new)
    else:
        extra = {"doomed": key, "doomed_state": key.state(now), "delete_form": form, "used_lately": is_used}
        return render(request, "saas/api_portal.html", portal(account) | extra)
    return redirect("saas:api_portal")


@require_POST
def keep_key(request: SignedInRequest, key_id: uuid.UUID) -> HttpResponse:
    """Take back a deletion that has not taken effect."""
    key, _account = owned_key(request, key_id)
    if key.keep(timezone.now()):
        messages.success(request, _("The key “%(name)s” is kept: it is not deleted any more.") % {"name": key.name})
    else:
        key.refresh_from_db()
        say_not_kept(request, key)
    return redirect("saas:api_portal")


def say_state(request: HttpRequest, key: ApiKey, *, is_new: bool = False) -> None:
    """Tell when the key is deleted; `is_new` tells a wish that counts from one that came after another."""
    facts = {"name": key.name, "when": moment(key.deleted_at)}
    is_deleted = key.state(timezone.now()) == KeyState.DELETED
    if is_new and is_deleted:
        text = _("The key “%(name)s” was deleted. The gateway refuses it now.")
    elif is_new:
        text = _("The key “%(name)s” works until %(when)s, then it is deleted. Until then you can keep it after all.")
    elif is_deleted:
        text = _("The key “%(name)s” was deleted before.")
    else:
        text = _(
            "Nothing was changed: the key “%(name)s” is to be deleted on %(when)s already. To let it work longer, keep "
            "it first."
        )
    (messages.success if is_new else messages.info)(request, text % facts)


def say_not_kept(request: HttpRequest, key: ApiKey) -> None:
    """Tell why nothing was taken back."""
    state = key.state(timezone.now())
    if state == KeyState.ACTIVE:
        text = _("The key “%(name)s” was not to be deleted, so nothing was changed.")
        messages.info(request, text % {"name": key.name})
        return
    if state == KeyState.DELETED:
        text = _("The key “%(name)s” was deleted on %(when)s, so it cannot be kept any more. Add a new key instead.")
    else:
        text = _("Somebody else just chose %(when)s for deleting the key “%(name)s”. Look at the list, then try again.")
    messages.error(request, text % {"name": key.name, "when": moment(key.deleted_at)})


def moment(when: datetime | None) -> str:
    """Return date and time as people are told them."""
    return date_format(timezone.localtime(when), "DATETIME_FORMAT")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("saas.change_fault", raise_exception=True)
def faults(request: SignedInRequest) -> HttpResponse:
    """Show the fault of each environment; POST switches one."""
    posted = FaultForm(request.POST) if request.method == "POST" else None
    if posted is not None and posted.is_valid():
        data = posted.cleaned_data
        Fault.objects.switch(data["environment"], data["kind"], data["seconds"])
        messages.success(request, _("The gateway answers as chosen from the next request on."))
        return redirect("saas:faults")
    rows = fault_rows(posted)
    for row in rows:
        request.restore(row["form"])
    return fault_page(request, rows)


@require_POST
@permission_required("saas.change_fault", raise_exception=True)
def onboard(request: SignedInRequest) -> HttpResponse:
    """Set how far PayPal onboarding is in a data space of the current account."""
    account = current_account(request)
    if account is None:
        raise Http404
    form = OnboardingForm(account, request.POST)
    if not form.is_valid():
        return fault_page(request, fault_rows(None), form)
    space, status = form.cleaned_data["data_space"], form.cleaned_data["status"]
    space.onboard(status)
    message = _("%(data_space)s reports %(status)s from now on. Choose Verify now in the Admin to read it at once.")
    messages.success(request, message % {"data_space": space, "status": status})
    return redirect("saas:faults")


def fault_page(
    request: SignedInRequest, rows: list[dict[str, Any]], sent: OnboardingForm | None = None
) -> HttpResponse:
    """Render the switches; that of onboarding, where the current account has a data space, as it was `sent`."""
    account = current_account(request)
    has_space = account is not None and DataSpace.objects.of(account).exists()
    form = (sent or OnboardingForm(account)) if account and has_space else None
    return render(request, "saas/faults.html", {"rows": rows, "account": account, "onboarding_form": form})


def fault_rows(posted: FaultForm | None) -> list[dict[str, Any]]:
    """Return each environment's fault with a form to switch it; the form that was sent stays as it was sent.

    Raises:
        Http404: the form that was sent names no environment.
    """
    sent_for = posted.data.get("environment") if posted else None
    rows = []
    for fault in Fault.objects.by_environment():
        initial = {"environment": fault.environment, "kind": fault.kind, "seconds": fault.seconds or None}
        form = FaultForm(initial=initial, auto_id=f"id_{fault.environment}_%s")
        if posted and sent_for == fault.environment:
            form = posted
        rows.append({"fault": fault, "form": form})
    if posted and posted not in [row["form"] for row in rows]:
        raise Http404
    return rows
