"""The permissions of the connector, as `has_perm` takes them."""

CONFIGURE = "connector.configure_connector"
MANAGE_KEY = "connector.manage_encryption_key"
