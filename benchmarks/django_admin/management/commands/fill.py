"""Fill the lists of both sides with copies of what the journey left."""

from argparse import ArgumentParser
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.models import Group, User
from django.core.management import BaseCommand
from django.db import connection
from django.utils import timezone

from django_admin.models import Configuration, installed

KEYS_IN_ACCOUNT = PEOPLE = 1_000
BATCH = 5_000


class Command(BaseCommand):
    """Adds rows to the action log, people with a role, API keys, and the row of the change form."""

    help = "Fill the benchmark's own database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the size of the large tables."""
        parser.add_argument(
            "--rows", type=int, required=True, help="how many rows of the action log, and how many keys"
        )

    def handle(self, *_args: Any, rows: int, **_options: Any) -> None:
        """Add everything."""
        add(islice(cycle(installed("LoggedAction").objects.order_by("pk")), rows))
        key = installed("ApiKey").objects.order_by("pk")[0]
        add([key] * KEYS_IN_ACCOUNT)
        elsewhere = copy(key.account)
        elsewhere.save()
        key.account = elsewhere
        add([key] * (rows - KEYS_IN_ACCOUNT))
        add_people()
        Configuration(
            active_environment=Configuration.Environment.SANDBOX,
            sandbox_api_key=key.api_key,
            sandbox_private_key=private_key(),
            production_api_key=key.api_key,
            production_private_key=private_key(),
            project_id=Configuration.Project.DEMO,
            data_space_id=Configuration.DataSpace.TESTING_2,
        ).save()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def add(rows: Iterable[Any]) -> None:
    """Store a copy of each of `rows`, which are all of one model."""
    copies = [copy(row) for row in rows]
    if copies:
        type(copies[0]).objects.bulk_create(copies, batch_size=BATCH)


def copy(row: Any) -> Any:
    """Return `row` once more, not stored yet, with a fresh value in every column that must be unique."""
    fresh, meta = type(row)(), row._meta  # noqa: SLF001  (the framework documents it)
    unique = {name for constraint in meta.total_unique_constraints for name in constraint.fields}
    for field in meta.concrete_fields:
        if not field.unique and field.name not in unique:
            setattr(fresh, field.attname, getattr(row, field.attname))
    return fresh


def add_people() -> None:
    """Add people with names, an address, a role and a last sign-in."""
    role = Group.objects.create(name="Merchant")
    people = User.objects.bulk_create(
        User(
            username=f"person{number:04}",
            first_name="Ada",
            last_name=f"Number {number}",
            email=f"person{number:04}@example.com",
            last_login=timezone.now(),
        )
        for number in range(PEOPLE)
    )
    User.groups.through.objects.bulk_create(User.groups.through(user=person, group=role) for person in people)


def private_key() -> str:
    """Return a new private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
