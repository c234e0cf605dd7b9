"""The three feeds of a store: its orders, the labels of their statuses, and its store views.

A feed that comes again changes nothing, and an old one that comes late undoes nothing. A row that cannot be read is
kept apart, and the others are taken in.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from saas.choices import Feed
from saas.errors import registry_error
from saas.gateway.access import find_data_space
from saas.gateway.feed_rows import loads, read_row
from saas.models import ApiKey, FeedRow, FeedSource, UnreadRow
from saas.models.feeds import SentRow

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 1000
# Of all rows together. 5 MB of brackets would take 250 MB of memory, since each is an object.
MAX_VALUES = 400_000


def take_in(request: HttpRequest, key: ApiKey, environment_id: str, feed: Feed) -> HttpResponse:
    """Store the rows of a feed, for the environment of the key. Whether the store is onboarded does not matter."""
    space = find_data_space(request, key, environment_id)
    sent = sent_rows(request, feed)
    with transaction.atomic():
        source = FeedSource.objects.lock(space, key.environment, timezone.now())
        rows = [read_row(source, feed, row) for row in sent]
        read = [row for row in rows if isinstance(row, SentRow)]
        unread = [row for row in rows if isinstance(row, UnreadRow)]
        FeedRow.objects.take_in(source, feed, read)
        if unread:
            UnreadRow.objects.filter(source=source).keep(unread)
    # Not empty: the real client takes an empty answer for a failure.
    return JsonResponse({"status": 200, "read": len(read), "unread": len(unread)})


def sent_rows(request: HttpRequest, feed: Feed) -> list[Any]:
    """Return the rows of `feed` in the request's body. Raises RefusalError for any other body."""
    example = f'{{"feed": "{feed}", "data": […]}}'
    try:
        text = sent_bytes(request).decode()
        if text.count(",") > MAX_VALUES:
            raise registry_error(413, f"The feed has more than {MAX_VALUES} values. Send it in several parts.")
        body = loads(text)
    except (ValueError, RecursionError) as exc:
        raise registry_error(400, f"The body is not JSON in UTF-8. Send {example}.") from exc
    if not isinstance(body, dict) or body.get("feed") != feed:
        raise registry_error(400, f'The body is not the feed "{feed}". Send {example}.')
    rows = body.get("data")
    if not isinstance(rows, list):
        raise registry_error(400, f'The body has no list "data". Send {example}.')
    if len(rows) > MAX_ROWS:
        raise registry_error(413, f"The feed has {len(rows)} rows. Send at most {MAX_ROWS}.")
    return rows


def sent_bytes(request: HttpRequest) -> bytes:
    """Return the body of the request. Raises RefusalError if it has more than 5 MB, without reading further."""
    stream: Any = request
    if not request.headers.get("Content-Length") and request.META.get("wsgi.input_terminated"):
        # A chunked body has no length in its headers. The framework would take it for empty.
        stream = request.META["wsgi.input"]
    body: bytes = stream.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise registry_error(413, "The body has more than 5 MB. Send the feed in several parts.")
    return body
