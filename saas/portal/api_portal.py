"""My Account › API Portal: an account's keys."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.frame.reauthentication import is_confirmed, reauthentication_required
from backend.frame.templates import date
from saas.choices import Delay, KeyState
from saas.errors import AlreadyIssuedError
from saas.limits import LimitReachedError
from saas.models import Account, ApiKey
from saas.portal.accounts import SignedInRequest, current_account, is_owner, owned_account
from saas.portal.forms import DeleteKeyForm, NewKeyForm
from saas.portal.key_list import key_list, list_query

USED_LATELY = timedelta(hours=24)
ADDING = gettext_lazy("Confirm that it is you to add a key.")


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(ADDING, methods={"POST"})
@sensitive_variables()
def api_portal(request: SignedInRequest) -> HttpResponse:
    """List the account's keys; POST makes one, and only its response shows the private key."""
    if request.method != "POST":
        return portal_page(request, current_account(request))
    account = owned_account(request)
    form = NewKeyForm(request.POST)
    if form.is_valid() and not account.in_good_standing:
        form.add_error(None, _("No key was made: the account is not in good standing. Contact Adobe, then try again."))
    if not form.is_valid():
        return portal_page(request, account, form=form)
    try:
        key, pair = ApiKey.objects.issue(account, request.user, **form.cleaned_data)
    except AlreadyIssuedError:
        return portal_page(request, account, already_issued=True)
    except LimitReachedError as error:
        form.add_error(None, error.text)
        return portal_page(request, account, form=form)
    return portal_page(request, account, new_key=key, new_pair=pair)


@require_safe
@reauthentication_required(ADDING)
def add_key(request: SignedInRequest) -> HttpResponse:
    """Open the form of a new key, for people who have to show first who they are."""
    account, form = owned_account(request), NewKeyForm(initial={"form_token": uuid.uuid4()})
    form.fields["environment"].widget.attrs["autofocus"] = True
    return portal_page(request, account, form=form, is_adding=True)


def portal_page(request: SignedInRequest, account: Account | None, **shown: Any) -> HttpResponse:
    """Render the API Portal of `account`. `shown` adds a refused `form`, or what a dialog shows."""
    context: dict[str, Any] = {"account": account, "already_issued": False, "new_key": None, "new_pair": None}
    context |= {"doomed": None, "form": None, "is_adding": False, "is_confirmed": is_confirmed(request)} | shown
    if account is not None:
        context |= key_list(request, account, timezone.now())
        if not is_owner(account):
            context["license_owners"] = account.license_owners()
        elif context["form"] is None:
            context["form"] = NewKeyForm(initial={"form_token": uuid.uuid4()})
    return render(request, "saas/api_portal.html", context)


def back_to_list(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the page of the list that the person came from."""
    return redirect(reverse("saas:api_portal") + list_query(request))


def owned_key(request: SignedInRequest, key_id: uuid.UUID) -> tuple[ApiKey, Account]:
    """Return the key, and its account with the person's role in it.

    Raises:
        Http404: the person has no role in the key's account.
        PermissionDenied: they are no license owner of it.
    """
    key = get_object_or_404(
        ApiKey.objects.select_related("account"), pk=key_id, account__memberships__user=request.user
    )
    account = Account.objects.current(request.user, key.account.mage_id)
    if account is None or not is_owner(account):
        raise PermissionDenied
    return key, account


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(gettext_lazy("Confirm that it is you to delete a key."))
def delete_key(request: SignedInRequest, key_id: uuid.UUID) -> HttpResponse:
    """Ask when to delete the key, and for its name; then the gateway refuses it from that moment on."""
    key, account = owned_key(request, key_id)
    now = timezone.now()
    is_used = key.was_used_since(now - USED_LATELY)
    posted = request.POST if request.method == "POST" else None
    left = key.deleted_at - now if key.deleted_at else None
    form = DeleteKeyForm(posted, name=key.name, preselected=Delay.DAY if is_used else Delay.NONE, left=left)
    is_new = False
    if key.state(now) != KeyState.DELETED:
        if not form.is_valid():
            doomed = {"doomed": key, "doomed_state": key.state(now), "delete_form": form, "used_lately": is_used}
            return portal_page(request, account, **doomed)
        is_new = key.delete_at(now, form.cleaned_data["when"].duration)
        key.refresh_from_db()
    messages.add_message(request, messages.SUCCESS if is_new else messages.INFO, deletion_message(key, is_new=is_new))
    return back_to_list(request)


def deletion_message(key: ApiKey, *, is_new: bool) -> str:
    """Return the message after a deletion; without `is_new` the key was, or will be, deleted without it."""
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
    return text % {"name": key.name, "when": date(key.deleted_at)}


@require_POST
def keep_key(request: SignedInRequest, key_id: uuid.UUID) -> HttpResponse:
    """Take back a deletion that has not taken effect."""
    key, _account = owned_key(request, key_id)
    if key.keep(timezone.now()):
        messages.success(request, _("The key “%(name)s” is kept: it will not be deleted.") % {"name": key.name})
        return back_to_list(request)
    key.refresh_from_db()
    state = key.state(timezone.now())
    if state == KeyState.ACTIVE:
        text = _("The key “%(name)s” was not to be deleted, so nothing was changed.")
        messages.info(request, text % {"name": key.name})
        return back_to_list(request)
    if state == KeyState.DELETED:
        text = _("The key “%(name)s” was deleted on %(when)s, so it cannot be kept any more. Add a new key instead.")
    else:
        text = _("Somebody else just chose %(when)s for deleting the key “%(name)s”. Look at the list, then try again.")
    messages.error(request, text % {"name": key.name, "when": date(key.deleted_at)})
    return back_to_list(request)
