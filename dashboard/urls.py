"""Addresses of the Dashboard, the search and the user guide."""

from django.urls import path

from dashboard import guide, moved_or_copied, views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("refresh/", views.refresh, name="dashboard_refresh"),
    path("verify/", views.verify, name="dashboard_verify"),
    path("moved/", moved_or_copied.moved, name="moved"),
    path("moved/also-here/", moved_or_copied.add_address, name="add_address"),
    path("moved/copy/", moved_or_copied.become_copy, name="become_copy"),
    path("search/", views.search, name="search"),
    path("help/", guide.index, name="guide"),
    path("help/<slug:slug>/", guide.page, name="guide_page"),
]
