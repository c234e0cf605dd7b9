"""System › Action Logs › Report: the action log as a grid, and as CSV."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.audit import action_log, actions, chain, reading
from backend.audit.actions import Action, Result
from backend.audit.models import LoggedAction, LoggedActionQuerySet
from backend.audit.permissions import SEE_LOG
from backend.frame import csv_export
from backend.frame.days import within
from backend.frame.fields import NO_KEY, DayField, FixedSelect
from backend.frame.grid import Column, Grid, GridForm
from backend.frame.reauthentication import reauthentication_required
from backend.frame.templates import date as at_time
from backend.frame.withheld import without_withheld

may_see = permission_required(SEE_LOG, raise_exception=True)

COLUMNS = (
    Column("at", _("Time"), order=("at",)),
    Column("address", _("IP Address"), order=("address",)),
    Column("person", _("Username"), order=(reading.by_person,)),
    Column("action", _("Action"), order=(reading.by_action,)),
    Column("subject", _("Item"), order=(reading.by_subject,)),
    Column("result", _("Result"), order=("result",)),
    Column("details", _("Details")),
)
# The columns of the page, with the result and the details split into their parts. The last three prove the row.
EXPORTED = (
    _("Time"),
    _("IP Address"),
    _("Username"),
    _("Action"),
    _("Item"),
    _("Result"),
    _("Reason"),
    _("Before"),
    _("After"),
    _("Number"),
    _("Digest"),
    _("Record"),
)
# Suggested while somebody types; other names work too.
MAX_NAMES = 200


class FilterForm(GridForm):
    """Searches and filters the log. Every field may be empty."""

    action = forms.ChoiceField(
        label=_("Action"),
        required=False,
        choices=lambda: [("", _("All")), *actions.choices()],
        widget=FixedSelect,
    )
    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("All")), *Result.choices], widget=FixedSelect
    )
    person = forms.CharField(
        label=_("Username"), required=False, max_length=150, widget=forms.TextInput({"list": "people", **NO_KEY})
    )
    start = DayField(label=_("From"), required=False)
    end = DayField(label=_("To"), required=False)

    def clean(self) -> dict[str, Any]:
        """Mark days that are the wrong way round, and drop the first one."""
        wanted = super().clean() or self.cleaned_data
        start, end = wanted.get("start"), wanted.get("end")
        if start and end and start > end:
            self.add_error("end", gettext("This is before the first day. Swap the two days, or empty one."))
            del wanted["start"]
        return wanted

    def found(self) -> LoggedActionQuerySet:
        """Return the rows that fit every field. An invalid field filters nothing."""
        wanted = {name: self.cleaned_data.get(name) for name in self.fields} if self.is_bound else {}
        rows: LoggedActionQuerySet = LoggedAction.objects.containing(wanted.get("q") or "")
        filters = {
            "action": wanted.get("action"),
            "result": wanted.get("result"),
            **within("at", wanted.get("start"), wanted.get("end")),
        }
        rows = rows.filter(**{name: value for name, value in filters.items() if value})
        person = wanted.get("person")
        return rows.filter(reading.done_by(person)) if person else rows


@may_see
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show one page of the log."""
    form = FilterForm(request.GET)
    form.is_valid()
    grid, words = Grid(form.found(), COLUMNS, request.GET, sort="-at"), actions.Words()
    to_the_second = f"{get_format('DATE_FORMAT')} H:i:s"
    query = without_withheld(request.GET).urlencode()
    people = get_user_model().objects.order_by("username").values_list("username", flat=True)
    context = {
        "search": form,
        "grid": grid,
        "rows": [(at_time(row.at, to_the_second), row.is_done, _read(row, words)) for row in grid.rows],
        "names": [*people[:MAX_NAMES], str(actions.SYSTEM), str(actions.UNKNOWN)],
        "query": query,
        "is_searched": bool(query),
    }
    return render(request, "audit/action_logs.html", context)


@may_see
@require_safe
@reauthentication_required(_("Confirm that it is you, then export the action log."), has_page=False)
def export(request: HttpRequest) -> HttpResponseBase:
    """Stream the rows that fit the filters as CSV, in the order of the page, and log who took them.

    A filter that cannot be read leads back.
    """
    form = FilterForm(request.GET)
    if not form.is_valid():
        messages.error(request, gettext("Nothing was exported, because a filter cannot be read."))
        return redirect(f"{reverse('action_logs')}?{without_withheld(request.GET).urlencode()}")
    grid = Grid(form.found(), COLUMNS, request.GET, sort="-at")
    used = {name: value for name, value in form.cleaned_data.items() if value}
    if request.method == "GET":
        action_log.record(Action.LOG_EXPORTED, after=action_log.facts(**used))
    return csv_export.response("action-log", EXPORTED, _exported_rows(grid.sorted))


def _exported_rows(rows: QuerySet[LoggedAction]) -> Iterator[tuple[str, ...]]:
    words = actions.Words()
    return (_exported(row, words) for row in csv_export.rows_of(rows.select_related("link")))


def _exported(row: LoggedAction, words: actions.Words) -> tuple[str, ...]:
    """Return the cells of one row; times are ISO 8601 in the time zone of the pages.

    The digest is of the record, which has every column as it is stored. A row that was just written has none yet.
    """
    proof, link = ("", "", ""), getattr(row, "link", None)
    if link:
        columns = [getattr(row, column) for column in chain.COLUMNS]
        proof = (str(link.number), link.digest, chain.text_of(columns, link.number, link.previous))
    return (timezone.localtime(row.at).isoformat(timespec="seconds"), *_read(row, words), *proof)


def _read(row: LoggedAction, words: actions.Words) -> tuple[str, ...]:
    """Return what people read of one row, in the order of EXPORTED, without its time."""
    return (
        row.address or "",
        words.person(row.user_name, row.address),
        words.action(row.action),
        words.label(row.subject),
        words.result(row.result),
        words.label(row.cause),
        words.read(row.before),
        words.read(row.after),
    )
