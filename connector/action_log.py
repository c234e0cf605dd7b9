"""What the action log says of the connection."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.audit.actions import Event, Severity

VERIFIED = "verified"


class Action(models.TextChoices):
    """What was done, or tried."""

    KEYS_SAVED = "keys_saved", _("Keys saved")
    KEYS_REPLACED = "keys_replaced", _("Keys replaced")
    KEYS_RESTORED = "keys_restored", _("Keys restored")
    KEYS_REMOVED = "keys_removed", _("Keys removed")
    FORMER_KEYS_ERASED = "former_keys_erased", _("Former keys erased")
    PAIR_MOVED = "pair_moved", _("Key pair moved")
    VERIFIED = "verified", _("Key pair verified")
    REJECTED = "rejected", _("Key pair rejected")
    ENVIRONMENT_SWITCHED = "environment_switched", _("Active environment switched")
    PROJECT_CHOSEN = "project_chosen", _("Project chosen")
    PROJECT_BEGUN = "project_begun", _("Project creation begun")
    PROJECT_CREATED = "project_created", _("Project created")
    PROJECT_RENAMED = "project_renamed", _("Project renamed")
    DATA_SPACE_CHOSEN = "data_space_chosen", _("Data space chosen")
    DATA_SPACE_RENAMED = "data_space_renamed", _("Data space renamed")
    DATA_SPACE_CLEARED = "data_space_cleared", _("Data space cleared")
    DATA_SPACE_CLEANED = "data_space_cleaned", _("Data space cleaned up")
    CLOUD_ID_SET = "cloud_id_set", _("Cloud id set")
    IDENTIFIER_ERASED = "identifier_erased", _("Former project and data space erased")
    INSTANCE_MOVED = "instance_moved", _("Instance moved")
    INSTANCE_COPIED = "instance_copied", _("Instance became a copy")
    ADDRESS_ADDED = "address_added", _("Address of the instance added")
    INSTANCE_RENAMED = "instance_renamed", _("Instance renamed")
    REENCRYPTED = "reencrypted", _("Stored values re-encrypted")


# What the bell shows: everything that can stop payments or change how they work.
EVENTS: Mapping[str, Event] = {
    Action.KEYS_REMOVED: Event(
        Severity.WARNING,
        _("The keys for %(subject)s were removed."),
        "{subject}-keys",
        (Action.KEYS_SAVED, Action.KEYS_RESTORED),
    ),
    Action.KEYS_REPLACED: Event(Severity.NOTICE, _("The keys for %(subject)s were replaced."), "{subject}-keys"),
    Action.KEYS_RESTORED: Event(Severity.NOTICE, _("The former keys for %(subject)s were restored."), "{subject}-keys"),
    Action.PAIR_MOVED: Event(Severity.NOTICE, _("A key pair was moved to the section for %(subject)s.")),
    Action.ENVIRONMENT_SWITCHED: Event(
        Severity.WARNING, _("%(subject)s is the active environment now."), "active_environment"
    ),
    Action.DATA_SPACE_CHOSEN: Event(Severity.WARNING, _("The data space is %(subject)s now."), "saas-identifier"),
    Action.DATA_SPACE_CLEARED: Event(
        Severity.WARNING, _("The data space %(subject)s is no longer chosen."), "saas-identifier"
    ),
    Action.DATA_SPACE_CLEANED: Event(
        Severity.WARNING, _("The data space %(subject)s was cleaned up and is empty now."), "saas-identifier"
    ),
    Action.INSTANCE_MOVED: Event(Severity.NOTICE, _("This instance has moved to another address.")),
    Action.INSTANCE_COPIED: Event(
        Severity.NOTICE, _("This installation is a copy now, with an instance id of its own.")
    ),
}
REFUSED_EVENTS: Mapping[str, Event] = {
    Action.REJECTED: Event(
        Severity.ERROR,
        _("The keys for %(subject)s do not work."),
        "{subject}-keys",
        (Action.VERIFIED, Action.KEYS_REMOVED, Action.PAIR_MOVED),
    ),
}


# The actions that put another pair into use, or none. Their subject is the environment.
PAIR_CHANGES = (
    Action.KEYS_SAVED,
    Action.KEYS_REPLACED,
    Action.KEYS_RESTORED,
    Action.KEYS_REMOVED,
    Action.PAIR_MOVED,
)


class Refusal(models.TextChoices):
    """Why something was refused, where that is none of the causes of a connection that does not work."""

    STALE = "stale", _("Saved again meanwhile, in another tab or by somebody else")
    BUSY = "busy", _("Being changed at that moment, in another tab or by somebody else")
    IDENTIFIER = "identifier", _("The project or data space cannot be used")
    NOT_CONFIRMED = "not_confirmed", _("The data space’s name was not typed to confirm it")
    SWITCH_NOT_CONFIRMED = "switch_not_confirmed", _("The switch of the active environment was not confirmed")
    OCCUPIED = "occupied", _("Another instance uses the data space")
    ONE_AT_A_TIME = "one_at_a_time", _("Keys and project or data space in one save")
    TOO_MANY_ADDRESSES = "too_many_addresses", _("As many addresses as are remembered are known already")
    LICENSE = "license", _("The license of the account allows no more projects")
    LOCKED = "locked", _("Set by an environment variable")


class State(models.TextChoices):
    """The state of a pair, besides the causes."""

    VERIFIED = VERIFIED, _("Key pair verified")
