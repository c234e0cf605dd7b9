"""What the forms of All Users, User Roles and Account Setting have in common."""

from typing import Any, Self

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _

from backend.audit.action_log import record_refusal
from backend.audit.refusals import RefusedError
from backend.frame import present_password
from backend.frame.fields import validate_visible
from backend.frame.grid import GridForm
from backend.frame.present_password import PresentPasswordForm
from backend.people.actions import Action, Refusal
from backend.people.rules import Actor

# Where somebody else was quicker.
DELETED_BEFORE = _("%(name)s was deleted before, so nothing was changed.")

NAMES = frozenset({"username", "first_name", "last_name", "name"})


def require_visible(form: forms.BaseForm) -> None:
    """Make every name in `form` one line of visible characters."""
    for name in NAMES & form.fields.keys():
        form.fields[name].validators.append(validate_visible)


def lock(field: forms.Field, reason: Promise | str) -> None:
    """Keep what is stored in `field`, whatever is posted, and show why."""
    field.disabled = True
    field.locked_reason = reason  # type: ignore[attr-defined]  # the template shows it


def refuse_twin(model: type[Model], field: str, value: str, instance: Model) -> None:
    """Raise ValidationError where another row of `model` has this value, in upper or lower case.

    The unique key of the framework's table tells upper case from lower case, so forms that arrive at once wait for each
    other here. Call it inside the transaction that saves.
    """
    ContentType.objects.select_for_update(no_key=True).get(pk=ContentType.objects.get_for_model(model).pk)
    if model._default_manager.filter(**{f"{field}__iexact": value}).exclude(pk=instance.pk).exists():  # noqa: SLF001  (the framework's documented name)
        raise ValidationError(_("“%(value)s” is taken. Choose another name."), "taken", {"value": value})


class SystemForm(PresentPasswordForm, forms.ModelForm):  # type: ignore[type-arg]  # takes no type argument at run time
    """A form that `actor` fills in. The action log calls what it does `created` or `changed`."""

    created: Action
    changed: Action

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        # The instance takes over a new name before the form is valid; the page must go on showing the stored one.
        self.stored_name = str(self.instance)
        self.locked_because: Promise | str = ""
        require_visible(self)

    def lock(self, reason: Promise | str) -> None:
        """Lock every field. The page says once why."""
        self.locked_because = reason
        for field in self.fields.values():
            lock(field, _("You may see this, but not change it."))

    def why_locked(self) -> Promise | str:
        """Return the sentence that the page shows if `actor` may not change the row."""
        return _("You may see this, but not change it. Somebody with more resources can.")

    @classmethod
    def answered(cls, request: HttpRequest, stored: Model | None, *, may_change: bool) -> tuple[Self, bool]:
        """Return the form of `stored`, or of a new row if that is None, and whether the request saved it."""
        if request.method != "POST":
            form = cls(instance=stored, actor=request.user)
            if not may_change:
                form.lock(form.why_locked())
            return form, False
        if not may_change:
            raise RefusedError(cls.changed, str(stored or ""), refusal=Refusal.BEYOND)
        # Outside the transaction, which others may be waiting for.
        present_password.is_right(request)
        with transaction.atomic():
            if stored and not cls._meta.model.objects.filter(pk=stored.pk).exists():
                # It was deleted meanwhile. To save it would bring it back.
                raise Http404
            form = cls(request.POST, instance=stored, actor=request.user, request=request)
            is_valid = form.is_valid()
            if is_valid:
                form.save()
        action, subject = (cls.changed, form.stored_name) if stored else (cls.created, "")
        for refusal in sorted(form.refusals()):
            record_refusal(action, subject, refusal=refusal)
        return form, is_valid

    def refusals(self) -> set[str]:
        """Return the rules that the posted values would break. The form of a browser offers nothing beyond them."""
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        broken = {str(code) for code in codes & {*Refusal.values}}
        is_beyond = "invalid_choice" in codes or any(self._is_tampered(name) for name in self.fields)
        return broken | ({Refusal.BEYOND.value} if is_beyond else set())

    def _is_tampered(self, name: str) -> bool:
        """Return whether a locked field was posted with another value. A browser posts none."""
        field = self.fields[name]
        if not field.disabled or self.add_prefix(name) not in self.data:
            return False
        posted = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        stored = field.prepare_value(self.get_initial_for_field(field, name))
        values = [value if isinstance(value, list | tuple) else [value] for value in (posted, stored or [])]
        return {str(value) for value in values[0]} != {str(value) for value in values[1]}


class TypedNameForm(forms.Form):
    """Confirms a deletion by the name of the person or role."""

    confirm_name = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["confirm_name"].label = label

    def clean_confirm_name(self) -> str:
        """Return the name. Raises ValidationError where another one was typed."""
        typed: str = self.cleaned_data["confirm_name"]
        if typed != self.name:
            raise ValidationError(_("That is not the name. Type it exactly as it is shown."))
        return typed


class DeletionForm(PresentPasswordForm, TypedNameForm):
    """Confirms a deletion on a page, where somebody else may be at the desk."""


class SearchForm(GridForm):
    """Searches `columns` of a list by keyword. An invalid field narrows nothing."""

    columns: tuple[str, ...] = ("name",)

    def found(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows that have every word in one of the columns. Quotation marks join words."""
        self.full_clean()
        for typed in smart_split(self.cleaned_data.get("q", "")):
            word = unescape_string_literal(typed) if typed[0] in "\"'" and typed[0] == typed[-1] else typed
            rows = rows.filter(Q.create([(f"{column}__icontains", word) for column in self.columns], connector=Q.OR))
        return rows
