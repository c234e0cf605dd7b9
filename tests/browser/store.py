"""Brings the store into a state that a test starts from, without clicking through it."""

import secrets
import threading
import time
from datetime import timedelta
from functools import cache
from itertools import cycle
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from connector import connection
from connector.configuration import verify_now
from connector.configuration.plan import SavePlan
from connector.configuration.save import save
from connector.environment import Environment
from connector.gateway.client import Credentials
from connector.keys import pem
from connector.models import Turn, Verification
from payments import onboarding
from payments.models import Merchant as Known
from payments.models import OrderSource
from payments.orders import counts
from payments.orders.statuses import Dispute, PayStatus, RefundStatus
from saas.models import Account, ApiKey, DataSpace, Fault, Merchant, Project
from saas.new_pair import NewPair
from tests.conftest import signed_in
from tests.factories import know_order, know_source, rotate, set_instance, store

# To check whether a private key is one takes a tenth of a second, and the same pairs come again.
parsed = cache(pem.parse)
DETAILS = {
    "transactions": [{"txn_id": "3GG279541U471931P", "type": "capture", "created_at": "2026-11-28 10:00:00"}],
    "items": [{"id": "7", "product_type": "simple", "qty_ordered": "2", "qty_invoiced": "2", "qty_shipped": "1"}],
}


class PairsInTurn:
    """Gives out new key pairs and, after `begin`, the same ones again: making one takes some tenths of a second."""

    def __init__(self) -> None:
        self.generate_new = NewPair.generate
        self.made: list[NewPair] = []
        self.given = 0
        self.lock = threading.Lock()

    def begin(self) -> None:
        """Give out from the first one on."""
        self.given = 0

    def generate(self) -> NewPair:
        """Return a pair that was not given out since the beginning."""
        with self.lock:  # A thread of the server asks, too.
            if self.given == len(self.made):
                self.made.append(self.generate_new())
            self.given += 1
            return self.made[self.given - 1]


class Store:
    """The one instance, and the account of its license owner at the stand-in."""

    def __init__(self, owner: User, url: str, settings: Settings) -> None:
        self.owner = owner
        self.url = url
        self.settings = settings
        self.account = Account.objects.get(memberships__user=owner)

    def new_key(
        self,
        environment: str = "sandbox",
        account: Account | None = None,
        name: str = "",
        form_token: UUID | None = None,
    ) -> tuple[ApiKey, NewPair]:
        """Make a key pair as the API Portal does."""
        name, account = name or f"Luma {environment}", account or self.account
        return ApiKey.objects.issue(account, self.owner, environment=environment, name=name, form_token=form_token)

    def enter(self, environment: str, api_key: str, private_key: str) -> None:
        """Store a pair for `environment`, verified or not, and make it the active one."""
        store(Environment(environment), Credentials(api_key, parsed(private_key)), self.owner)
        set_instance(active_environment=environment)

    def enter_new_key(self, environment: str = "sandbox", account: Account | None = None) -> ApiKey:
        """Make a key pair and store it."""
        key, pair = self.new_key(environment, account)
        self.enter(environment, key.api_key, pair.private_key)
        return key

    def choose_data_space(self, name: str = "Luma", kind: str = "Testing") -> DataSpace:
        """Make a project and choose the last of its data spaces of this kind."""
        spaces = Project.objects.provision(self.account, name).data_spaces.filter(type=kind)
        space = spaces.order_by("position").last()
        assert space is not None
        set_instance(
            project_id=str(space.project_id),
            project_name=name,
            data_space_id=str(space.pk),
            data_space_name=space.name,
            data_space_type=space.type,
        )
        return space

    def verify(self) -> None:
        """Ask the gateway about what is stored."""
        verify_now.verify(connection.load(), Environment)

    def connect(self, kind: str = "Testing") -> ApiKey:
        """Make everything work in the sandbox, with a data space of this kind."""
        key = self.enter_new_key()
        self.choose_data_space(kind=kind)
        self.verify()
        assert connection.load().is_connected
        return key

    def rotate(self) -> tuple[str, str]:
        """Put a new encryption key before the one in use; return the ids of both."""
        return rotate(self.settings)

    def move(self) -> None:
        """Choose another data space of the project and enter another key pair: both former ones can be restored."""
        stored = connection.load()
        other = next(space for space in stored.data_spaces if space.id != stored.data_space_id)
        save(SavePlan(stored, data_space_id=other.id, confirmation=stored.data_space_name), self.owner.pk)
        self.enter_new_key()
        self.verify()

    def onboard(self, status: str, environment: str = "sandbox") -> Merchant:
        """Let onboarding of the chosen data space come this far in one environment, and read it."""
        stored = connection.load()
        merchant, _is_new = Merchant.objects.get_or_create(
            data_space_id=UUID(stored.data_space_id), environment=environment
        )
        merchant.set_status(status)
        merchant.save()
        # A page that is open may be asking at this moment, and then nothing is read.
        give_up_at = time.monotonic() + 10
        while environment not in onboarding.read(stored, onboarding.load(stored).values()):
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
        return merchant

    def take_orders(self, count: int = 25) -> OrderSource:
        """Know `count` orders of the chosen data space, of every status, one of which cannot be read."""
        names = {"website": "Main Website", "store": "Luma Europe with a long name", "store_view": "Français"}
        source = know_source(
            data_space_id=connection.load().data_space_id,
            status_labels={"processing": "Processing"},
            stores={"1": names},
            currencies=["EUR", "USD"],
            unread=2,
        )
        Verification.objects.update(offers_reports=True)
        pay, refund, dispute = cycle(PayStatus), cycle(RefundStatus), cycle(Dispute)
        for hours in range(count):
            know_order(
                source,
                ordered_at=timezone.now() - timedelta(hours=hours),
                pay_status=next(pay),
                refund_status=next(refund),
                dispute=next(dispute),
                as_sent={"amount": "12,50"} if hours == 1 else {},
                details=DETAILS,
            )
        counts.adjust(source, (), (), timezone.now())
        source.save()
        return source

    def lock(self, **values: str) -> None:
        """Set values as environment variables do, until the test is over."""
        self.settings.LOCKED_VALUES = self.settings.LOCKED_VALUES | values

    def let_time_pass(self) -> None:
        """Make what is known ten minutes older, so that a page asks again."""
        earlier = timezone.now() - timedelta(minutes=10)
        Verification.objects.update(checked_at=earlier, answered_at=earlier)
        Known.objects.update(checked_at=earlier)
        Turn.objects.all().delete()

    def fail(self, kind: str, seconds: int = 60) -> None:
        """Switch a fault of the sandbox gateway on."""
        Fault.objects.switch("sandbox", kind, seconds)


def unknown_api_key() -> str:
    """Return a key that nobody was given."""
    return secrets.token_hex(16)


def session_of(username: str) -> str:
    """Return the cookie of a person who signed in."""
    return signed_in(User.objects.get(username=username)).cookies["sessionid"].value
