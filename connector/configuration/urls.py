"""Addresses below Commerce Services Connector."""

from django.urls import path

from connector.configuration import views

app_name = "connector"
urlpatterns = [
    path("", views.configuration, name="configuration"),
    path("verify/", views.verify, name="verify"),
    path("refresh/", views.refresh, name="refresh"),
    path("check-key/", views.check_key, name="check_key"),
    path("remove-keys/<str:environment>/", views.remove_keys, name="remove_keys"),
    path("restore/<str:what>/", views.restore, name="restore"),
    path("erase/<str:environment>/", views.erase, name="erase"),
    path("move-pair/", views.move_pair, name="move_pair"),
    path("create-project/", views.create_project, name="create_project"),
    path("rename-project/", views.rename_project, name="rename_project"),
    path("rename-data-space/", views.rename_data_space, name="rename_data_space"),
    path("rename-instance/", views.rename_instance, name="rename_instance"),
]
