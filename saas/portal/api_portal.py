"""My Account › API Portal: an account's keys."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from saas.caller import Caller
from saas.choices import Delay, KeyState
from saas.errors import AlreadyIssuedError
from saas.models import Account, ApiKey
from saas.portal.accounts import SignedInRequest, current_account, is_owner, owned_account
from saas.portal.forms import DeleteKeyForm, NewKeyForm

USED_LATELY = timedelta(hours=24)


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
