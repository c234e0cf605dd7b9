"""Addresses of My Account."""

from django.urls import path

from saas.portal import accounts, api_portal, fault_switch, received, shared_access

urlpatterns = [
    path("", accounts.home, name="home"),
    path("create/", accounts.create_account, name="create_account"),
    path("entitlements/", accounts.entitlements, name="entitlements"),
    path("api-portal/", api_portal.api_portal, name="api_portal"),
    path("api-portal/add/", api_portal.add_key, name="add_key"),
    path("api-portal/<uuid:key_id>/delete/", api_portal.delete_key, name="delete_key"),
    path("api-portal/<uuid:key_id>/keep/", api_portal.keep_key, name="keep_key"),
    path("shared-access/", shared_access.shared_access, name="shared_access"),
    path("shared-access/<int:user_id>/remove/", shared_access.remove_access, name="remove_access"),
    path("faults/", fault_switch.faults, name="faults"),
    path("faults/onboarding/", fault_switch.onboard, name="onboard"),
    path("faults/unread/forget/", received.forget, name="forget_unread"),
]
