"""The forms of All Users and User Roles. `actor` is the person who fills one in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.frame.fields import NO_KEY, validate_visible
from backend.people import resources, rules
from backend.people.resources import Branch, Resource

# What the validators of the settings ask for, said of somebody else's password.
PASSWORD_RULES = _("At least 8 characters; not only digits, not a common one, and not like the person’s names.")

# Of a number of 64 bits; the largest has 19.
ID_DIGITS = 18
NAMES = frozenset({"username", "first_name", "last_name", "name"})


def lock(field: forms.Field, reason: Promise | str) -> None:
    """Keep what is stored in `field`, whatever is posted, and show why."""
    field.disabled = True
    field.locked_reason = reason  # type: ignore[attr-defined]  # the template shows it


def refuse_twin(model: type[Model], field: str, value: str, instance: Model) -> None:
    """Raise ValidationError where another row of `model` has this value but for upper and lower case.

    Of several at once, one goes first and the others see its row: the constraint of the framework's table tells upper
    case from lower case. Call it inside the transaction that saves.
    """
    ContentType.objects.select_for_update(no_key=True).get(pk=ContentType.objects.get_for_model(model).pk)
    if model._default_manager.filter(**{f"{field}__iexact": value}).exclude(pk=instance.pk).exists():  # noqa: SLF001  (the framework's documented name)
        raise ValidationError(_("“%(value)s” is taken. Choose another name."), "taken", {"value": value})


def require_visible(form: forms.BaseForm) -> None:
    """Let every name that `form` takes be one line of visible characters."""
    for name in NAMES & form.fields.keys():
        form.fields[name].validators.append(validate_visible)


class SystemForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no type argument at run time
    """A form of the system pages."""

    actor: rules.Actor
    is_new = False
    stored_name = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        require_visible(self)

    def lock(self, reason: str) -> None:
        """Show everything, let nothing be changed."""
        for field in self.fields.values():
            lock(field, reason)


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes no type argument at run time
    """Roles by their ids."""

    def clean(self, value: Any) -> Any:
        """Return the roles. Raises ValidationError where an id is so long that SQLite cannot look for it."""
        for sent in value or ():
            if len(str(sent)) > ID_DIGITS:
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": "…"})
        return super().clean(value)


class PersonForm(SystemForm):
    """Add or change a person who may sign in."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=PASSWORD_RULES,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=_("Password, again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
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
            "is_active": _("Nobody can sign in as a person who is not active; who is signed in then, is signed out."),
            "is_superuser": _("May do everything, whatever the roles say, also what a later version adds."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = rules.roles_to_give(self.actor)  # type: ignore[attr-defined]  # it is a choice of rows
        for name in ("password", "password_again"):
            self.fields[name].required = self.is_new
        if not self.is_new:
            self.fields["password"].help_text = _("%(rules)s Leave both fields empty to keep the present one.") % {
                "rules": PASSWORD_RULES
            }
        self._lock()

    def _lock(self) -> None:
        if not self.actor.is_superuser:
            lock(self.fields["is_superuser"], _("Only an administrator can change this."))
            self.fields["groups"].help_text = _(
                "A person may do what any of their roles allows. Roles that allow more than yours are not listed."
            )
        if self.instance.pk and self.instance.pk == self.actor.pk:
            reason = _("This is you: somebody else has to change it, so that nobody shuts themselves out.")
            lock(self.fields["is_active"], reason)
            lock(self.fields["is_superuser"], reason)
            if not self.actor.is_superuser:
                lock(self.fields["groups"], reason)

    def clean_username(self) -> str:
        """Return the name; “Ann” and “ann” would be too easy to mix up, like letters of two alphabets."""
        name: str = self.cleaned_data["username"]
        if not name.isascii() and "username" in self.changed_data:
            raise ValidationError(
                _("A user name has no letters but a to z: in other alphabets there are some that look the same.")
            )
        refuse_twin(User, "username", name, self.instance)
        return name

    def clean_groups(self) -> list[Group]:
        """Return the roles that are wanted, with those that the actor cannot give and the person has already."""
        chosen = list(self.cleaned_data["groups"])
        if self.instance.pk and not self.fields["groups"].disabled:
            listed = rules.roles_to_give(self.actor).values("pk")
            chosen += self.instance.groups.exclude(pk__in=listed)
        return chosen

    def clean(self) -> dict[str, Any]:
        """Check the password as it was typed twice, and that an administrator is left."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.get("password", "")
        if typed != cleaned.get("password_again", ""):
            self.add_error("password_again", _("The two passwords differ. Type the same one in both fields."))
        elif typed:
            self._check_password(typed)
        stays = cleaned.get("is_active") and cleaned.get("is_superuser")
        if self.instance.pk and not stays and rules.is_last_administrator(self.instance):
            self.add_error(None, _("This is the last active administrator. Make another one first."))
        return cleaned

    def _check_password(self, typed: str) -> None:
        asked = {name: self.cleaned_data.get(name, "") for name in ("username", "first_name", "last_name", "email")}
        try:
            validate_password(typed, User(**asked))
        except ValidationError as error:
            self.add_error("password", error)

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002  (the framework's signature)
        """Set the password where one was typed."""
        if self.cleaned_data["password"]:
            self.instance.set_password(self.cleaned_data["password"])
        person: User = super().save(commit=commit)
        return person


class RoleForm(SystemForm):
    """Add or change a role: its name, and the resources that it gives."""

    access = forms.ChoiceField(
        label=_("Resource access"),
        choices=[("all", _("All")), ("custom", _("Custom"))],
        initial="custom",
        widget=forms.RadioSelect,
        help_text=_("All is every resource of the list below. What a later version adds has to be given then."),
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
        may = set(self.actor.get_all_permissions())
        self.locked = {one.key for one in self.available if not self.actor.is_superuser and not one.is_held(may)}
        checked = {one.key for one in self.available if one.is_held(self.held)}
        self.initial["resources"] = sorted(checked)
        self.initial["access"] = "all" if len(checked) == len(self.available) else "custom"
        self.fields["resources"].choices = [(one.key, str(one)) for one in self.available]  # type: ignore[attr-defined]  # it is a choice
        if self.locked:
            lock(self.fields["access"], _("Only somebody who has every resource can change this."))

    def lock(self, reason: str) -> None:
        """Lock the boxes of the tree too."""
        super().lock(reason)
        self.locked = {one.key for one in self.available}

    @property
    def tree(self) -> list[Branch]:
        """Return what to draw: the boxes as they were sent, or as they are stored."""
        kept = {one.key for one in self.available if one.key in self.locked and one.is_held(self.held)}
        checked = (set(self["resources"].value() or []) - self.locked) | kept
        return resources.tree(self.available, checked, self.held, self.locked)

    def clean_name(self) -> str:
        """Return the name, which no other role has."""
        name: str = self.cleaned_data["name"]
        refuse_twin(Group, "name", name, self.instance)
        return name

    def clean_resources(self) -> list[Resource]:
        """Return the resources that were ticked. Raises ValidationError where the actor lacks one of them."""
        ticked = [one for one in self.available if one.key in self.cleaned_data["resources"]]
        beyond = [str(one) for one in ticked if one.key in self.locked and not one.is_held(self.held)]
        if beyond:
            text = _("You can give only what you have yourself, and you do not have: %(resources)s.")
            raise ValidationError(text, "beyond", {"resources": ", ".join(beyond)})
        return ticked

    def clean(self) -> dict[str, Any]:
        """Work out the permissions: ticked ones, and untouched what is locked or stands in no tree."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        ticked = self.available if cleaned["access"] == "all" else cleaned["resources"]
        offered = {name for one in self.available if one.key not in self.locked for name in one.permissions}
        wanted = {name for one in ticked if one.key not in self.locked for name in one.permissions}
        cleaned["permissions"] = (self.held - offered) | wanted
        self._refuse_to_shut_oneself_out(self.held - cleaned["permissions"])
        return cleaned

    def _refuse_to_shut_oneself_out(self, lost: set[str]) -> None:
        if self.actor.is_superuser or not self.instance.pk or not lost & rules.MANAGES_PEOPLE:
            return
        if self.instance.user_set.filter(pk=self.actor.pk).exists():
            self.add_error(
                "resources", _("This is a role of yours: without All Users or User Roles you would shut yourself out.")
            )

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # the framework's own hook, which its stubs leave out
        self.instance.permissions.set(resources.permissions_named(self.cleaned_data["permissions"]))


class TypedNameForm(forms.Form):
    """Confirms a deletion by the name of what goes."""

    confirm_name = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["confirm_name"].label = label

    def clean_confirm_name(self) -> str:
        """Return the name. Raises ValidationError where it is another one."""
        typed: str = self.cleaned_data["confirm_name"]
        if typed != self.name:
            raise ValidationError(_("That is not the name. Type it exactly as it is shown."))
        return typed


class SearchForm(forms.Form):
    """Narrows a list by what somebody looks for. What cannot be read narrows nothing."""

    q = forms.CharField(
        label=_("Search by keyword"),
        required=False,
        max_length=200,
        widget=forms.SearchInput({**NO_KEY, "placeholder": _("Search by keyword")}),
    )

    @property
    def is_filtered(self) -> bool:
        """Whether something besides the keyword is asked for."""
        return any(self.cleaned_data.get(name) for name in self.fields if name != "q")

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that fit the filters. The keyword is looked for by the list."""
        return rows


class PersonSearchForm(SearchForm):
    """Narrows All Users."""

    active = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("yes", _("Active")), ("no", _("Not active"))]
    )
    role = forms.ChoiceField(label=_("Role"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]  # it is a choice
            ("", _("All")),
            ("administrator", _("Administrator")),
            ("none", _("No role")),
            *((str(pk), name) for pk, name in Group.objects.order_by("name").values_list("pk", "name")),
        ]

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the people in this state and with this role."""
        if active := self.cleaned_data.get("active"):
            rows = rows.filter(is_active=active == "yes")
        match self.cleaned_data.get("role"):
            case None | "":
                return rows
            case "administrator":
                return rows.filter(is_superuser=True)
            case "none":
                return rows.filter(is_superuser=False, groups=None)
            case role:
                return rows.filter(groups=role)
