"""Addresses below Commerce Services Connector."""

from django.urls import path

from connector.configuration import dialogs, views

app_name = "connector"
urlpatterns = [
    path("", views.configuration, name="configuration"),
    path("verify/", views.verify, name="verify"),
    path("refresh/", views.refresh, name="refresh"),
    path("check-key/", views.check_key, name="check_key"),
    path("remove-keys/<str:environment>/", dialogs.remove_keys, name="remove_keys"),
    path("restore/<str:what>/", dialogs.restore, name="restore"),
    path("erase/<str:environment>/", dialogs.erase, name="erase"),
    path("move-pair/", views.move_pair, name="move_pair"),
    path("create-project/", dialogs.create_project, name="create_project"),
    path("rename-project/", dialogs.rename, {"dialog": "rename-project"}, name="rename_project"),
    path("rename-data-space/", dialogs.rename, {"dialog": "rename-data-space"}, name="rename_data_space"),
    path("rename-instance/", dialogs.rename, {"dialog": "rename-instance"}, name="rename_instance"),
]
