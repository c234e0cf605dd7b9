"""Dialogs that have an address of their own."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_dialog(request: HttpRequest, page: str, dialog: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render the template `page`, which has the dialog open; a script that opens it in place gets `dialog` alone."""
    is_fetched = request.headers.get("X-Requested-With") == "fetch"
    return render(request, dialog if is_fetched else page, context)
