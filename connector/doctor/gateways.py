"""The way to the gateways, as far as it can be gone without a key."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from connector.doctor.findings import PATIENCE_S, Finding, fine, wrong
from connector.environment import Environment
from connector.gateway import reach
from connector.gateway.client import Deadline
from connector.gateway.reach import Step, Way
from connector.verification.examine import MAX_CLOCK_SKEW

# Each step that can fail: what that means, and what to do. The places are those of `Way`.
_STEPS = {
    Step.NAME: (
        "The name of %(stop)s cannot be resolved: %(reason)s.",
        "Look at the name server of this machine, or correct the address.",
    ),
    Step.CONNECTION: (
        "Nothing answers at %(stop)s: %(reason)s.",
        "Ask the people who run your network to allow connections from this server to %(stop)s.",
    ),
    Step.PROXY: (
        "The proxy %(stop)s leads nowhere: %(reason)s.",
        "Correct GATEWAY_PROXY, or let the proxy connect to %(host)s.",
    ),
    Step.SECURITY: (
        "%(host)s sets up no secure connection: %(reason)s.",
        "Correct the address, or ask the people who run your network what is in between.",
    ),
    Step.CERTIFICATE: (
        "The certificate of %(host)s is not trusted: %(reason)s.",
        "If a proxy or firewall opens connections, set GATEWAY_CA_BUNDLE to a file that holds its certificate too.",
    ),
    Step.ANSWER: (
        "%(host)s gives no answer that can be used: %(reason)s.",
        "Correct the address, or try again later.",
    ),
}
_STAND_IN = (
    "Start the stand-in, with manage.py runserver; if it runs at another port, put PORT=… in front of this command."
)


def gateway(environment: Environment) -> Iterator[Finding]:
    """Go to a gateway without a key, step by step, and compare the clocks."""
    url = settings.GATEWAY_URLS[environment]
    setting = f"{environment.upper()}_GATEWAY_URL"
    try:
        way = reach.find(url, settings.GATEWAY_PROXY, settings.GATEWAY_CA_BUNDLE, Deadline(PATIENCE_S - 2))
    except ValueError:
        yield wrong("Gateway or proxy have no usable address.", f"Correct {setting}, or GATEWAY_PROXY.")
        return
    if way.failed_at:
        text, remedy = _STEPS[way.failed_at]
        names = {"stop": way.first_stop, "host": way.host, "reason": way.reason}
        is_stand_in = url.startswith(settings.STAND_IN_URL) and way.failed_at is Step.CONNECTION
        yield wrong(text % names, _STAND_IN if is_stand_in else remedy % names)
        return
    through = f" through the proxy {way.first_stop}" if settings.GATEWAY_PROXY else ""
    yield fine(f"{way.host} answers{through} ({', '.join(way.addresses)}).")
    yield from _clocks(way)


def _clocks(way: Way) -> Iterator[Finding]:
    if not way.server_date:
        return
    apart = timezone.now() - way.server_date
    if abs(apart) > MAX_CLOCK_SKEW:
        direction = "ahead of" if apart.total_seconds() > 0 else "behind"
        text = f"This server’s clock is {abs(apart).total_seconds() / 60:.0f} minutes {direction} that of {way.host}."
        yield wrong(text, "Set the clock, and let it be set by itself: timedatectl set-ntp true")


def certificates() -> Iterator[Finding]:
    """Count the certificates that the calls trust."""
    whose = "the file of GATEWAY_CA_BUNDLE" if settings.GATEWAY_CA_BUNDLE else "the bundle that comes with certifi"
    try:
        count = reach.count_trusted(settings.GATEWAY_CA_BUNDLE)
    except OSError:
        count = 0
    if count:
        yield fine(f"{count} certificates of authorities, from {whose}")
    else:
        yield wrong(f"There is no certificate in {whose}.", "Correct GATEWAY_CA_BUNDLE, or leave it out.")
