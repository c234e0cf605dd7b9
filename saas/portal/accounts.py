"""My Account: the accounts that a person has a role in, and the one they work in."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.frame.grid import Column, Grid
from saas.choices import Role
from saas.limits import LimitReachedError
from saas.models import Account, Membership
from saas.portal.forms import ChoiceOfAccountForm, EntitlementsForm, NewAccountForm

# The accounts are cards, which have no head to sort by.
COLUMNS = (Column("joined", "", order=("pk",)),)
SESSION_ACCOUNT = "saas_account"


class SignedInRequest(HttpRequest):
    """A request behind the sign-in."""

    user: User


def current_account(request: SignedInRequest) -> Account | None:
    """Return the account that the person works in, with their `role`: the chosen one, else their first, else None."""
    return Account.objects.current(request.user, request.session.get(SESSION_ACCOUNT, ""))


def is_owner(account: Account | None) -> bool:
    """Return whether the person that `account` was read for may create keys in it."""
    return getattr(account, "role", None) == Role.LICENSE_OWNER


def owned_account(request: SignedInRequest) -> Account:
    """Return the current account. Raises PermissionDenied for a person who is no license owner of it."""
    account = current_account(request)
    if account is None or not is_owner(account):
        raise PermissionDenied
    return account


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: SignedInRequest) -> HttpResponse:
    """List the person's accounts; POST chooses the one to work in."""
    if request.method == "POST":
        form = ChoiceOfAccountForm(request.user, request.POST)
        if not form.is_valid():
            raise Http404
        account = form.cleaned_data["account"]
        request.session[SESSION_ACCOUNT] = account.mage_id
        messages.success(request, _("You work in %(account)s now.") % {"account": account})
        return redirect("saas:api_portal")
    current = current_account(request)
    offered = EntitlementsForm(initial=model_to_dict(current)) if current and is_owner(current) else None
    return home_page(request, current, offered)


def home_page(request: SignedInRequest, current: Account | None, form: EntitlementsForm | None) -> HttpResponse:
    """Render the accounts; `form` has the entitlements of the `current` one, for its license owners."""
    grid = Grid(Membership.objects.of(request.user), COLUMNS, request.GET, "joined", address=reverse("saas:home"))
    return render(request, "saas/home.html", {"grid": grid, "current": current, "entitlements_form": form})


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
        try:
            account = Account.objects.create_with_owner(request.user, **form.cleaned_data)
        except LimitReachedError as error:
            form.add_error(None, error.text)
            return render(request, "saas/create_account.html", {"form": form})
        request.session[SESSION_ACCOUNT] = account.mage_id
        message = _("%(organization)s was created. Its MageID is %(mage_id)s.")
        messages.success(request, message % {"organization": account.organization_name, "mage_id": account.mage_id})
        return redirect("saas:api_portal")
    return render(request, "saas/create_account.html", {"form": form})
