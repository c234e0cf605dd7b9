"""Addresses of My Account."""

from django.urls import path

from saas.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("create/", views.create_account, name="create_account"),
    path("entitlements/", views.entitlements, name="entitlements"),
    path("api-portal/", views.api_portal, name="api_portal"),
    path("api-portal/<uuid:key_id>/delete/", views.delete_key, name="delete_key"),
    path("api-portal/<uuid:key_id>/keep/", views.keep_key, name="keep_key"),
    path("faults/", views.faults, name="faults"),
    path("faults/onboarding/", views.onboard, name="onboard"),
]
