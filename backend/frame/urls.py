"""Addresses that every page of the frame uses."""

from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from backend.frame.policy_reports import policy_report
from backend.frame.session_time import stay

urlpatterns = [
    path("stay/", stay, name="stay"),
    path("language/", require_POST(set_language), name="set_language"),
    path("csp-report/", policy_report, name="policy_report"),
]
