"""The names of the shop, which others would guess first in a password."""

from collections.abc import Iterator

from connector.models import Instance, Verification


def shop_words() -> Iterator[str]:
    """Yield the names of the instance, its project and its organisations."""
    for names in Instance.objects.values_list("name", "project_name", "data_space_name"):
        yield from names
    yield from Verification.objects.values_list("organization_name", flat=True).distinct()
