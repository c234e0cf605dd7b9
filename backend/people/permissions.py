"""The permissions of users and roles, as `has_perm` takes them."""

SEE_USERS, SEE_ROLES = "auth.view_user", "auth.view_group"
CHANGE_USERS = ("auth.add_user", "auth.change_user", "auth.delete_user")
CHANGE_ROLES = ("auth.add_group", "auth.change_group", "auth.delete_group")
