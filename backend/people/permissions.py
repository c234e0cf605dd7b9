"""The permissions of users and roles, as `has_perm` takes them."""

SEE_USERS, SEE_ROLES = "auth.view_user", "auth.view_group"
CHANGE_USERS = ADD_USER, CHANGE_USER, DELETE_USER = "auth.add_user", "auth.change_user", "auth.delete_user"
CHANGE_ROLES = ADD_ROLE, CHANGE_ROLE, DELETE_ROLE = "auth.add_group", "auth.change_group", "auth.delete_group"
