"""My Account › Fault switch: what stores have sent for the data spaces of an account, and what could not be read."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.frame.grid import Column, Grid
from saas.choices import Feed
from saas.models import Account, FeedRow, FeedSource, UnreadRow
from saas.portal.accounts import SignedInRequest, current_account

# The list is short almost always, so its head sorts by nothing.
COLUMNS = (Column("received", "", order=("received_at",)),)


def received(request: HttpRequest, account: Account | None) -> dict[str, Any]:
    """Return what the page shows: each source with its counts of orders and of unreadable rows, and those rows."""
    sources = list(FeedSource.objects.of_account(account)) if account else []
    orders = FeedRow.objects.filter(source__in=sources, feed=Feed.ORDERS)
    unread = UnreadRow.objects.filter(source__in=sources)
    order_counts, unread_counts = (dict(rows.values_list("source").annotate(Count("pk"))) for rows in (orders, unread))
    by_pk = {source.pk: source for source in sources}
    grid = Grid(unread, COLUMNS, request.GET, "-received", address=reverse("saas:faults"))
    return {
        "unread": grid,
        "sources": [(source, order_counts.get(source.pk, 0), unread_counts.get(source.pk, 0)) for source in sources],
        "unread_rows": [(row, by_pk[row.source_id]) for row in grid.rows],
    }


@require_POST
@permission_required("saas.change_fault", raise_exception=True)
def forget(request: SignedInRequest) -> HttpResponse:
    """Delete the unreadable rows of the current account."""
    account = current_account(request)
    if account is None:
        raise Http404
    UnreadRow.objects.filter(source__in=FeedSource.objects.of_account(account)).delete()
    messages.success(
        request, _("The rows that could not be read are forgotten. If a store sends one again, it is listed again.")
    )
    return redirect("saas:faults")
