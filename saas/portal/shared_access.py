"""My Account › Shared access: who may look at an account's keys, given and taken by its license owners."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.frame.dialogs import render_dialog
from backend.frame.grid import Column, Grid
from backend.frame.present_password import PresentPasswordForm
from saas.choices import Role
from saas.errors import LastOwnerError
from saas.models import Account, Membership
from saas.portal.accounts import SignedInRequest, current_account, is_owner, owned_account

# The list is short almost always, so its head sorts by nothing.
COLUMNS = (Column("name", "", order=("user__username",)),)


class AccountForm(PresentPasswordForm):
    """Names the account of the page, so that a form means it in every tab. Programs may leave it out."""

    account = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, account: Account, request: HttpRequest | None = None, auto_id: str = "id_%s") -> None:
        data = request.POST if request and request.method == "POST" else None
        super().__init__(data, initial={"account": account.mage_id}, auto_id=auto_id, request=request)
        self.owned = account

    def clean(self) -> dict[str, Any]:
        """Refuse the form of another account, as an error of the whole form: its own field is hidden."""
        if self.cleaned_data.get("account") not in {"", self.owned.mage_id}:
            text = _("Nothing was changed: you work in %(account)s now. Check who has access to it, then try again.")
            self.add_error(None, ValidationError(text, params={"account": self.owned}))
        return self.cleaned_data


class ShareForm(AccountForm):
    """Finds the person to share the account with, by e-mail or user name, in capitals or not."""

    field_order = ("account", "person", "present_password")
    person = forms.CharField(
        label=_("Email or user name"), max_length=254, widget=forms.TextInput({"autocomplete": "off"})
    )

    def clean_person(self) -> User:
        """Return the one active person who is meant and who does not own the license."""
        typed: str = self.cleaned_data["person"]
        people = User.objects.filter(Q(username__iexact=typed) | Q(email__iexact=typed), is_active=True)[:2]
        if not people:
            text = _(
                "Nobody here has the email or user name “%(typed)s”. Check it, or have the person added as a user."
            )
            raise ValidationError(text, params={"typed": typed})
        if len(people) > 1:
            text = _("More than one person here has “%(typed)s”. Enter the user name of the one you mean.")
            raise ValidationError(text, params={"typed": typed})
        person: User = people[0]
        if self.owned.memberships.filter(user=person, role=Role.LICENSE_OWNER).exists():
            text = _("%(name)s is a license owner of this account and may do everything in it already.")
            raise ValidationError(text, params={"name": person.get_username()})
        return person


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def shared_access(request: SignedInRequest) -> HttpResponse:
    """List who has access to the current account; POST shares it with one more person."""
    if request.method != "POST":
        account = current_account(request)
        return _page(request, account, ShareForm(account) if account and is_owner(account) else None)
    account = owned_account(request)
    form = ShareForm(account, request)
    if not form.is_valid():
        return _page(request, account, form)
    names = {"name": form.cleaned_data["person"], "account": account}
    if Membership.objects.share(account, form.cleaned_data["person"]):
        messages.success(request, gettext("%(name)s has shared access to %(account)s now.") % names)
    else:
        messages.info(request, gettext("%(name)s has access to %(account)s already, so nothing was changed.") % names)
    return redirect("saas:shared_access")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("present_password")
def remove_access(request: SignedInRequest, user_id: int) -> HttpResponse:
    """Ask before a person loses the access to the current account; POST takes it."""
    account = owned_account(request)
    form = AccountForm(account, request, auto_id="remove_%s")
    member = account.memberships.filter(user__id=user_id).select_related("user").first()
    if form.non_field_errors():
        messages.error(request, str(form.non_field_errors()[0]))
    elif member is None:
        text = gettext("This person has no access to %(account)s any more, so nothing was changed.")
        messages.info(request, text % {"account": account})
    elif form.is_valid():
        _remove(request, member)
    else:
        context = _context(request, account, ShareForm(account)) | {"member": member, "remove_form": form}
        return render_dialog(request, "saas/shared_access.html", "saas/_remove_access.html", context)
    return redirect("saas:shared_access")


def _remove(request: HttpRequest, member: Membership) -> None:
    names = {"name": member.user, "account": member.account}
    try:
        is_new = member.remove()
    except LastOwnerError:
        text = gettext(
            "Nothing was changed: %(name)s is the last license owner of %(account)s, and an account needs one."
        )
        messages.error(request, text % names)
    else:
        level = messages.SUCCESS if is_new else messages.INFO
        messages.add_message(request, level, gettext("%(name)s has no access to %(account)s any more.") % names)


def _page(request: HttpRequest, account: Account | None, form: ShareForm | None) -> HttpResponse:
    return render(request, "saas/shared_access.html", _context(request, account, form))


def _context(request: HttpRequest, account: Account | None, form: ShareForm | None) -> dict[str, Any]:
    """Return what the page shows: the list of people is for license owners, who have a `form`."""
    context: dict[str, Any] = {"account": account, "form": form, "member": None}
    if account and form:
        # License owners first: their role comes first in the alphabet of the codes.
        members = account.memberships.select_related("user")
        address = reverse("saas:shared_access")
        grid = Grid(members, COLUMNS, request.GET, "name", first=("role",), address=address)
        has_other_owners = account.memberships.filter(role=Role.LICENSE_OWNER).count() > 1
        context |= {"grid": grid, "has_other_owners": has_other_owners}
    elif account:
        context["license_owners"] = account.license_owners()
    return context
