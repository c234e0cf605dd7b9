"""The form of a role in User Roles."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.audit.action_log import facts, record
from backend.people import resources, rules
from backend.people.actions import Action, Refusal
from backend.people.forms import SystemForm, lock, refuse_twin
from backend.people.models import RoleRule
from backend.people.resources import Branch, Resource


class RoleForm(SystemForm):
    """Adds or changes a role: its name, and the resources that it gives."""

    created, changed = Action.ROLE_CREATED, Action.ROLE_CHANGED
    access = forms.ChoiceField(
        label=_("Resource access"),
        choices=[("all", _("All")), ("custom", _("Custom"))],
        initial="custom",
        widget=forms.RadioSelect,
        help_text=_("All means every resource of the list below. What a later version adds has to be given then."),
    )
    requires_second_factor = forms.BooleanField(
        label=_("Requires a second factor"),
        required=False,
        help_text=_("People with this role who have none set one up when they next sign in."),
    )
    resources = forms.MultipleChoiceField(label=_("Resources"), required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Group
        fields = ("name",)
        labels = {"name": _("Role name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.available = resources.resources()
        self.held = rules.given_by(self.instance) if self.instance.pk else set()
        may_give = set(self.actor.get_all_permissions())
        self.locked = {resource.key for resource in self.available if not resource.is_held(may_give)}
        checked = {resource.key for resource in self.available if resource.is_held(self.held)}
        self.initial["resources"] = sorted(checked)
        self.initial["access"] = "all" if len(checked) == len(self.available) else "custom"
        self.fields["resources"].choices = [(resource.key, str(resource)) for resource in self.available]  # type: ignore[attr-defined]  # it is a choice
        requires = bool(self.instance.pk) and rules.requires_second_factor(self.instance)
        self.initial["requires_second_factor"] = requires
        if requires and self._is_own and not self.actor.is_superuser:
            reason = _("This is one of your roles: somebody else has to take this back.")
            lock(self.fields["requires_second_factor"], reason)
        if self.locked:
            lock(self.fields["access"], _("Only somebody who has every resource can change this."))

    def lock(self, reason: Promise | str) -> None:
        """Lock every field, and the boxes of the tree."""
        super().lock(reason)
        self.locked = {resource.key for resource in self.available}

    def why_locked(self) -> Promise | str:
        """Say what the people of the role have and `actor` does not: whatever changes in the role changes for them."""
        beyond = rules.beyond_role(self.actor, self.instance) if self.actor.has_perm(rules.CHANGE_ROLE) else []
        if not beyond:
            return super().why_locked()
        text = _("%(reason)s Only an administrator, or somebody with the same access, can change this role.")
        return text % {"reason": " ".join(beyond)}

    @property
    def _is_own(self) -> bool:
        return bool(self.instance.pk) and self.instance.user_set.filter(pk=self.actor.pk).exists()

    @property
    def tree(self) -> list[Branch]:
        """The tree with its boxes as they were sent, or as they are stored."""
        kept = {resource.key for resource in self.available if resource.is_held(self.held)} & self.locked
        checked = (set(self["resources"].value() or []) - self.locked) | kept
        return resources.tree(self.available, checked, self.held, self.locked)

    def clean_name(self) -> str:
        """Return the name, which no other role has."""
        name: str = self.cleaned_data["name"]
        refuse_twin(Group, "name", name, self.instance)
        return name

    def clean_resources(self) -> list[Resource]:
        """Return the resources that were ticked. Raises ValidationError where `actor` lacks one of them."""
        ticked = [resource for resource in self.available if resource.key in self.cleaned_data["resources"]]
        beyond = [
            str(resource) for resource in ticked if resource.key in self.locked and not resource.is_held(self.held)
        ]
        if beyond:
            text = _("You can give only what you have yourself, and you do not have: %(resources)s.")
            raise ValidationError(text, Refusal.BEYOND, {"resources": ", ".join(beyond)})
        return ticked

    def clean(self) -> dict[str, Any]:
        """Work out the permissions. Those of a locked resource, or of none, stay as they are."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        ticked = self.available if cleaned["access"] == "all" else cleaned["resources"]
        free = [resource for resource in self.available if resource.key not in self.locked]
        offered = {name for resource in free for name in resource.permissions}
        wanted = {name for resource in free if resource in ticked for name in resource.permissions}
        cleaned["permissions"] = (self.held - offered) | wanted
        lost = self.held - cleaned["permissions"]
        if self._is_own and not self.actor.is_superuser and lost & rules.MANAGES_PEOPLE:
            text = _("This is one of your roles: without All Users or User Roles you would lock yourself out.")
            self.add_error("resources", ValidationError(text, Refusal.ONESELF))
        return cleaned

    def save(self, commit: bool = True) -> Group:  # noqa: FBT001, FBT002  (the framework's signature)
        """Save the role with its permissions, and log the change."""
        before = facts_of(self.instance) if self.instance.pk else ""
        role: Group = super().save(commit)
        role.permissions.set(resources.permissions_named(self.cleaned_data["permissions"]))
        requires = self.cleaned_data["requires_second_factor"]
        RoleRule.objects.update_or_create(role=role, defaults={"requires_second_factor": requires})
        after = facts_of(role)
        if before != after:
            record(Action.ROLE_CHANGED if before else Action.ROLE_CREATED, role.name, before=before, after=after)
        return role


def facts_of(role: Group) -> str:
    """Return what the log says of a role, as stored and in the language of the source."""
    with translation.override(None):
        given = resources.titles(rules.given_by(role), resources.resources())
    second_factor = "required" if rules.requires_second_factor(role) else ""
    return facts(name=Group.objects.get(pk=role.pk).name, resources=", ".join(given), second_factor=second_factor)
