"""The permission of the action log, as `has_perm` takes it."""

SEE_LOG = "audit.view_action_log"
