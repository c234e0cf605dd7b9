"""The form of a person in All Users, and the search of the list."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.audit.action_log import facts, record
from backend.frame.session import end_sessions
from backend.people import notices, rules
from backend.people.actions import Action, Refusal
from backend.people.forms import SearchForm, SystemForm, lock, refuse_twin
from backend.people.models import PasswordState
from backend.people.passwords.choosing import keep_others_out
from backend.people.passwords.new_password import PASSWORD_RULES, NewPasswordField, check_new_password

# SQLite cannot look for a number of more than 64 bits; the largest has 19 digits.
ID_DIGITS = 18


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes no type argument at run time
    """Roles by their ids."""

    def clean(self, value: Any) -> Any:
        """Return the roles. Raises ValidationError where an id is too long to look for."""
        for sent in value or ():
            if len(str(sent)) > ID_DIGITS:
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": "…"})
        return super().clean(value)


class UserForm(SystemForm):
    """Adds or changes a person who may sign in."""

    created, changed = Action.USER_CREATED, Action.USER_CHANGED
    password = NewPasswordField(label=_("Password"), help_text=PASSWORD_RULES)
    password_again = NewPasswordField(
        label=_("Password, again"), help_text=_("The person has to choose another one at the next sign-in.")
    )
    groups = RolesField(
        label=_("Roles"),
        queryset=Group.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A person may do what any of their roles allows."),
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "groups")
        field_classes = {"username": UsernameField}
        labels = {
            "username": _("User name"),
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "email": _("Email"),
            "is_active": _("Active"),
            "is_superuser": _("Administrator: all resources"),
        }
        help_texts = {
            "username": _("What the person signs in with: letters from a to z, digits and @ . + - _"),
            "is_active": _("A person who is not active cannot sign in. If signed in, they are signed out."),
            "is_superuser": _("May do everything, whatever the roles say, including what a later version adds."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = rules.roles_to_give(self.actor)  # type: ignore[attr-defined]  # it is a choice of rows
        if self.instance.pk:
            self.fields["password"].required = self.fields["password_again"].required = False
            self.fields["password"].help_text = _("%(rules)s Leave both fields empty to keep the present one.") % {
                "rules": PASSWORD_RULES
            }
        if not self.actor.is_superuser:
            lock(self.fields["is_superuser"], _("Only an administrator can change this."))
            self.fields["groups"].help_text = _(
                "A person may do what any of their roles allows. Roles that allow more than yours are not listed."
            )
        if self.instance.pk and self.instance.pk == self.actor.pk:
            self.fields["password_again"].help_text = ""
            reason = _("This is you: somebody else has to change it, so that nobody locks themselves out.")
            lock(self.fields["is_active"], reason)
            lock(self.fields["is_superuser"], reason)
            if not self.actor.is_superuser:
                lock(self.fields["groups"], reason)

    def why_locked(self) -> Promise | str:
        """Say what the person has and `actor` does not: a new password would give it to `actor`."""
        beyond = rules.beyond(self.actor, self.instance) if self.actor.has_perm(rules.CHANGE_USER) else []
        if not beyond:
            return super().why_locked()
        text = _("%(reason)s Only an administrator, or somebody with the same access, can change this user.")
        return text % {"reason": " ".join(beyond)}

    def clean_username(self) -> str:
        """Return the name, which nobody can mix up with another: not by its case, nor by letters that look the same."""
        name: str = self.cleaned_data["username"]
        if not name.isascii() and "username" in self.changed_data:
            raise ValidationError(
                _("A user name may only have the letters a to z: other alphabets have some that look the same.")
            )
        refuse_twin(User, "username", name, self.instance)
        return name

    def clean_groups(self) -> list[Group]:
        """Return the roles that were ticked, and those that the person has and `actor` cannot give."""
        chosen = list(self.cleaned_data["groups"])
        if self.instance.pk and not self.fields["groups"].disabled:
            listed = rules.roles_to_give(self.actor).values("pk")
            chosen += self.instance.groups.exclude(pk__in=listed)
        return chosen

    def clean(self) -> dict[str, Any]:
        """Check that both passwords are the same good one, and that an administrator is left."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = {name: cleaned.get(name, "") for name in ("username", "first_name", "last_name", "email")}
        check_new_password(self, User(**names))
        is_administrator = cleaned.get("is_active") and cleaned.get("is_superuser")
        if self.instance.pk and not is_administrator and rules.is_last_administrator(self.instance):
            text = _("This is the last active administrator. Make another one first.")
            self.add_error(None, ValidationError(text, Refusal.LAST_ADMINISTRATOR))
        return cleaned

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  (the framework's signature)
        """Save the person with their roles and a typed password, end the sessions that must end, and log the change."""
        before = facts_of(self.instance) if self.instance.pk else ""
        password = self.cleaned_data["password"]
        if password:
            if self.instance.pk and self.instance.pk == self.actor.pk:
                keep_others_out(self.instance)
            self.instance.set_password(password)
        person: User = self._save_changed() if self.instance.pk else super().save(commit)
        if password:
            self._note_password(person)
        if self.initial.get("email") and "email" in self.changed_data:
            notices.send(person, "email_changed", self.initial["email"])
        if before and ("is_active" in self.changed_data or (password and person.pk != self.actor.pk)):
            # Also when they become active again: somebody may have signed in just while they were made inactive.
            end_sessions(person)
        after = facts_of(person, has_new_password=bool(password))
        if before != after:
            action = Action.USER_CHANGED if before else Action.USER_CREATED
            record(action, person.username, before=before, after=after)
        return person

    def _save_changed(self) -> User:
        """Save what was changed, and nothing else: an administrator may have changed the rest since it was read.

        Somebody who sends their own form all the time would otherwise take back that they were made inactive.
        """
        person: User = self.instance
        # The field of the password has the name of its column.
        columns = {*self.Meta.fields, "password"} & {*self.changed_data}
        person.save(update_fields=columns - {"groups"})
        if "groups" in self.changed_data:
            person.groups.set(self.cleaned_data["groups"])
        return person

    def _note_password(self, person: User) -> None:
        """Note who set the new password. If it was somebody else, the person has to choose another one."""
        if person.pk == self.actor.pk:
            PasswordState.objects.chosen(person)
            notices.send(person, "password_changed")
            return
        PasswordState.objects.given(person)
        if "username" in self.initial:
            notices.send(person, "password_given")


def facts_of(person: User, *, has_new_password: bool = False) -> str:
    """Return what the log says of a person, as stored; of a password only that it is new."""
    stored = User.objects.get(pk=person.pk)
    return facts(
        user_name=stored.username,
        name=stored.get_full_name(),
        email=stored.email,
        active="yes" if stored.is_active else "no",
        administrator="yes" if stored.is_superuser else "no",
        roles=", ".join(stored.groups.order_by("name").values_list("name", flat=True)),
        password="changed" if has_new_password else "",
    )


class UserSearchForm(SearchForm):
    """Narrows All Users by keyword, state and role."""

    columns = ("username", "first_name", "last_name", "email")

    active = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("yes", _("Active")), ("no", _("Not active"))]
    )
    role = forms.ChoiceField(label=_("Role"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = Group.objects.order_by("name").values_list("pk", "name")
        choices = [("", _("All")), ("administrator", _("Administrator")), ("none", _("No role")), *roles]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]  # it is a choice

    def found(self, rows: QuerySet[User]) -> QuerySet[User]:
        """Return the people who have every word, this state and this role."""
        rows = super().found(rows)
        if active := self.cleaned_data.get("active"):
            rows = rows.filter(is_active=active == "yes")
        if role := self.cleaned_data.get("role"):
            kinds = {"administrator": Q(is_superuser=True), "none": Q(is_superuser=False, groups=None)}
            rows = rows.filter(kinds.get(role) or Q(groups=role))
        return rows
