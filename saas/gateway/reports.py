"""The report of orders: what stores have sent, for a client that keeps a copy. It is our own call.

An answer stays below 5 MB, whatever stores have sent: a page with more ends earlier, and says where to go on.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse, JsonResponse

from saas.choices import Feed
from saas.errors import registry_error
from saas.gateway.access import find_data_space
from saas.gateway.feed_rows import MAX_CONTENT
from saas.gateway.rows import wire_time
from saas.models import ApiKey, FeedRow, FeedSource

DEFAULT_LIMIT, MAX_LIMIT = 100, 500
# Statuses and store views that a report names.
MAX_NAMES = 1000
# How many characters of JSON the orders of a page have, and the statuses and the store views each.
MAX_ORDERS_LENGTH, MAX_NAMES_LENGTH = MAX_CONTENT, 512 * 1024
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Digits only, because mixed letters could look like a part of a private key.
CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})", re.ASCII)


def read_orders(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """Return a page of the orders of a data space that changed since a moment, the earliest changes first."""
    space = find_data_space(request, key, request.headers.get("x-saas-id", ""))
    since, limit = asked_since(request), asked_limit(request)
    source = FeedSource.objects.filter(data_space=space, environment=key.environment).first()
    if source is None:
        nothing: dict[str, Any] = {"results": [], "next": None, "updatedAt": None, "unread": 0}
        return JsonResponse({**nothing, "statuses": {}, "stores": []})
    rows = FeedRow.objects.filter(source=source)
    results, onward = page(rows.filter(since, feed=Feed.ORDERS), limit)
    return JsonResponse(
        {
            "results": results,
            "next": onward,
            "updatedAt": exact_time(source.received_at),
            "unread": source.unread_rows.count(),
            "statuses": {row["status"]: row.get("label") for row in names(rows, Feed.STATUSES)},
            "stores": names(rows, Feed.STORES),
        },
        json_dumps_params={"separators": (",", ":")},
    )


def page(orders: QuerySet[FeedRow], limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return the first of `orders`, and where the next page begins, None where there is none.

    Their lengths are read first, because each may be large.
    """
    sizes = orders.order_by("changed_at", "pk").values_list("changed_at", "pk", Length("content"))[: limit + 1]
    places: list[tuple[datetime, int]] = []
    length = 0
    onward = None
    for moment, pk, size in sizes:
        length += size
        if places and (len(places) == limit or length > MAX_ORDERS_LENGTH):
            onward = cursor(*places[-1])
            break
        places.append((moment, pk))
    contents = dict(orders.filter(pk__in=[pk for _moment, pk in places]).values_list("pk", "content"))
    results = [
        {"updatedAt": exact_time(moment), "order": json.loads(contents[pk])}
        for moment, pk in places
        # One may have been deleted meanwhile.
        if pk in contents
    ]
    return results, onward


def names(rows: QuerySet[FeedRow], feed: Feed) -> list[dict[str, Any]]:
    """Return the rows of a feed that is small, by their ids."""
    contents = list(rows.filter(feed=feed).order_by("key").values_list("content", flat=True)[:MAX_NAMES])
    lengths = accumulate(map(len, contents))
    return [
        json.loads(content) for content, length in zip(contents, lengths, strict=True) if length <= MAX_NAMES_LENGTH
    ]


def asked_since(request: HttpRequest) -> Q:
    """Return which orders the request asks for. Raises RefusalError for a cursor or a moment that cannot be read."""
    after, since = request.GET.get("cursor", ""), request.GET.get("updatedSince", "")
    if after:
        found = CURSOR.fullmatch(after)
        if not found:
            raise registry_error(400, 'The cursor is not one of this call. Send the "next" of the page before.')
        moment, pk = EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
        return Q(changed_at__gte=moment) & (Q(changed_at__gt=moment) | Q(pk__gt=pk))
    if not since:
        return Q()
    try:
        moment = datetime.fromisoformat(since)
        is_exact = moment.tzinfo is not None
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        is_exact = False
    if not is_exact:
        message = 'The "updatedSince" is not a time with an offset. Send one like 2026-11-29T12:00:00Z.'
        raise registry_error(400, message)
    return Q(changed_at__gte=moment)


def asked_limit(request: HttpRequest) -> int:
    """Return how many orders a page has. Raises RefusalError for anything but a number from 1 to 500."""
    text = request.GET.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_LIMIT:
        raise registry_error(400, f'The "limit" is not a whole number from 1 to {MAX_LIMIT}.')
    return int(text)


def cursor(moment: datetime, pk: int) -> str:
    """Return the cursor of the page that follows the order `pk`, changed at `moment`."""
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{pk}"


def exact_time(moment: datetime) -> str:
    """Return `moment` with its microseconds, so that different moments stay different."""
    return wire_time(moment, "microseconds")
