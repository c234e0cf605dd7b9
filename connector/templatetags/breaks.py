"""Where a long name may go on in the next line."""

from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(text: Any) -> SafeString:
    """Return `text`, escaped, where a line may end after each underscore."""
    return mark_safe(conditional_escape(text).replace("_", "_<wbr>"))  # noqa: S308  (escaped right here)
