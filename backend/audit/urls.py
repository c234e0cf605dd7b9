"""Addresses of the action log and the bell."""

from django.urls import path

from backend.audit import bell, report

urlpatterns = [
    path("notifications/", bell.notifications, name="notifications"),
    path("system/action-logs/", report.report, name="action_logs"),
    path("system/action-logs/export/", report.export, name="action_logs_export"),
]
