"""Makes people, accounts and keys for the tests of the stand-in."""

import uuid

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from saas.choices import Role
from saas.models import Account, ApiKey, Membership, Project
from tests.factories import UserFactory


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    organization_name = "Luma"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    account = SubFactory(AccountFactory)
    user = SubFactory(UserFactory)
    role = Role.LICENSE_OWNER


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """Takes `public_key` from the test: nothing here makes RSA keys."""

    class Meta:
        model = ApiKey

    account = SubFactory(AccountFactory)
    environment = "sandbox"
    name = Sequence(lambda number: f"Luma shop {number}")
    form_token = LazyFunction(uuid.uuid4)


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    account = SubFactory(AccountFactory)
    name = "Luma EU"

    @classmethod
    def _create(cls, model_class: type[Project], *args: object, **kwargs: object) -> Project:  # noqa: ARG003  (factory's)
        return model_class.objects.provision(**kwargs)  # type: ignore[arg-type]  # the factory's own attributes
