"""Addresses of Manage Encryption Key."""

from django.urls import path

from connector.rekey import views

urlpatterns = [
    path("", views.encryption_key, name="encryption_key"),
    path("re-encrypt/", views.reencrypt, name="reencrypt"),
]
