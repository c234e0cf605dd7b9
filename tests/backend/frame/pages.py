"""Every page of the project, from the URL configuration, so that a test of all pages includes a new one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from dashboard import guide
from payments.models import Order
from saas.models import Account, ApiKey, Merchant, PayPalLink, Project
from saas.models.merchants import digest
from tests.backend.people.second_factors import give_passkey
from tests.factories import know_order, know_source
from tests.gateways import LIVE_ID

# Of the link to Simulated PayPal.
TOKEN = "0" * 64
# Addresses for programs, not for people.
NOT_PAGES = ("gateway/", "merchant-registry/", "payments/", "^", "healthz", "readyz", "metrics")


def addresses() -> list[str]:
    """Return every address of the project, with its parameter in angle brackets."""
    return list(_below(get_resolver().url_patterns))


def _below(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for entry in patterns:
        address = before + str(entry.pattern)
        if address.startswith(NOT_PAGES):
            continue
        if isinstance(entry, URLResolver):
            yield from _below(entry.url_patterns, address)
        else:
            yield f"/{address}"


def filled_in(address: str, username: str = "bob", role_name: str = "Role of bob") -> Iterator[str]:
    """Yield `address` once for each value of its parameter: a person, a role, or what `fill` made."""
    user, role = User.objects.get(username=username), Group.objects.get(name=role_name)
    address = address.replace("<base36:uidb36>-<str:key>", "1-set-password")
    values: dict[str, list[Any]] = {
        "slug:slug": list(guide.PAGES),
        "str:environment": ["sandbox"],
        "str:what": ["sandbox", "identifier"],
        "str:token": [TOKEN],
        "uuid:key_id": [ApiKey.objects.latest("created_at").pk],
    }
    values["int:user_id"] = [user.pk]
    pk = user.pk if "/users/" in address else role.pk
    # Of no merchant: both addresses then say that there is nothing to do.
    order = Order.objects.values_list("pk", flat=True).first() or 0
    passkey = Authenticator.objects.filter(type="webauthn").values_list("pk", flat=True).first() or 0
    pk = passkey if "/passkeys/" in address else pk
    values["int:pk"] = [0 if "/merchants/" in address else order if "/orders/" in address else pk]
    name = re.search("<(.*?)>", address)
    yield from (address.replace(name[0], str(value)) for value in values[name[1]]) if name else [address]


def fill(owner: User) -> None:
    """Create what pages show besides users and roles: account and passkey of `owner`, a link to PayPal, an order."""
    give_passkey(owner)
    know_order(know_source(data_space_id=LIVE_ID))
    account = Account.objects.create_with_owner(owner, organization_name="Luma")
    ApiKey.objects.create(account=account, created_by=owner, environment="sandbox", name="Luma shop", public_key="-")
    space = Project.objects.provision(account, "Luma EU").data_spaces.get(position=0)
    link_to_paypal(Merchant.objects.create(data_space=space, environment="sandbox", country="FR"))


def link_to_paypal(merchant: Merchant) -> None:
    """Make a link to PayPal for `merchant` with the token that an address is filled in with."""
    PayPalLink.objects.create(
        digest=digest(TOKEN),
        merchant=merchant,
        visits=0,
        return_url="https://admin.example.com/",
        made_at=timezone.now(),
    )
