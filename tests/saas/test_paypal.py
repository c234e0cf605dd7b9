"""Simulated PayPal: the answers of a merchant, and how long its links work."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from saas import paypal
from saas.models import DataSpace, Merchant, PayPalLink

RETURN = "https://admin.example.com/back/?tab=1"
ANSWER = {"email": "shop@example.com", "country": "FR"}


@pytest.fixture
def merchant(space: DataSpace) -> Merchant:
    return Merchant.objects.create(data_space=space, environment="sandbox", status="STARTED", country="FR")


def address(merchant: Merchant) -> str:
    return urlsplit(paypal.link(RequestFactory().get("/"), merchant, RETURN)).path


def read(merchant: Merchant) -> Merchant:
    return Merchant.objects.get(pk=merchant.pk)


def test_it_names_the_host_it_leads_back_to(client: Client, merchant: Merchant) -> None:
    page = client.get(address(merchant))
    assert "<h1" in page.content.decode()
    assert "Simulated PayPal" in page.content.decode()
    assert "<strong>admin.example.com</strong>" in page.content.decode()
    # A browser goes nowhere else with the answer.
    assert "form-action 'self' https://admin.example.com;" in page["Content-Security-Policy"]
    assert read(merchant).visits == 0


@pytest.mark.parametrize(
    ("outcome", "status", "consent", "confirmed"),
    [
        ("agree", "COMPLETED", "true", "true"),
        ("agree-unconfirmed", "UNVERIFIED", "true", "false"),
        ("decline", "CREATED", "false", "false"),
    ],
)
def test_an_answer_leads_back_as_paypal_does(
    client: Client, merchant: Merchant, outcome: str, status: str, consent: str, confirmed: str
) -> None:
    back = client.post(address(merchant), ANSWER | {"outcome": outcome})
    assert back["Location"].startswith("https://admin.example.com/back/?")
    assert parse_qs(urlsplit(back["Location"]).query, keep_blank_values=True) == {
        "tab": ["1"],
        "merchantId": [str(merchant.pk)],
        "merchantIdInPayPal": [read(merchant).paypal_account_id],
        "permissionsGranted": [consent],
        "consentStatus": [consent],
        "isEmailConfirmed": [confirmed],
    }
    assert read(merchant).status == status


def test_who_leaves_goes_back_as_they_came(client: Client, merchant: Merchant) -> None:
    assert client.post(address(merchant), {"outcome": "leave"})["Location"] == RETURN
    assert read(merchant).status == "STARTED"


def test_an_unconfirmed_address_is_confirmed_there(client: Client, merchant: Merchant) -> None:
    client.post(address(merchant), ANSWER | {"outcome": "agree-unconfirmed"})
    client.post(address(read(merchant)), ANSWER | {"outcome": "confirm"})
    assert (read(merchant).status, read(merchant).is_email_confirmed) == ("COMPLETED", True)
    assert (read(merchant).email, len(read(merchant).paypal_account_id)) == ("shop@example.com", 13)


def test_leaving_keeps_a_consent_that_was_taken_back(client: Client, merchant: Merchant) -> None:
    Merchant.objects.update(status="REVOKED")
    client.post(address(merchant), {"outcome": "decline"})
    assert (read(merchant).status, read(merchant).has_consent) == ("REVOKED", False)


@pytest.mark.parametrize(
    "sent",
    [
        {"email": "no address"},
        {"email": ""},
        {"email": "x" * 250 + "@example.com"},
        {"country": "XX"},
        {"outcome": "confirm"},
        {},
    ],
)
def test_a_wrong_answer_is_asked_again(client: Client, merchant: Merchant, sent: dict[str, str]) -> None:
    outcome = {} if not sent else {"outcome": "agree"}
    assert client.post(address(merchant), ANSWER | outcome | sent).status_code == 200
    assert (read(merchant).status, read(merchant).visits) == ("STARTED", 0)


def test_a_link_works_once(client: Client, merchant: Merchant) -> None:
    link = address(merchant)
    client.post(link, {"outcome": "leave"})
    for answer in (client.get(link), client.post(link, ANSWER | {"outcome": "agree"})):
        assert answer.status_code == 410
        assert f'href="{RETURN}"' in answer.content.decode()
    assert read(merchant).status == "STARTED"


def test_of_two_links_the_first_answer_counts(client: Client, merchant: Merchant) -> None:
    links = [address(merchant), address(merchant)]
    client.post(links[0], ANSWER | {"outcome": "agree"})
    assert client.post(links[1], ANSWER | {"outcome": "decline"}).status_code == 410
    assert read(merchant).status == "COMPLETED"


def test_a_link_works_for_three_hours(client: Client, merchant: Merchant) -> None:
    link = address(merchant)
    PayPalLink.objects.update(made_at=timezone.now() - timedelta(hours=3))
    assert client.get(link).status_code == 410


def test_a_link_ends_with_its_merchant(client: Client, merchant: Merchant) -> None:
    link = address(merchant)
    merchant.delete()
    assert client.get(link).status_code == 404


def test_a_forged_link_leads_nowhere(client: Client, merchant: Merchant) -> None:
    address(merchant)
    # What the database holds opens nothing.
    for forged in (PayPalLink.objects.get().digest, "0" * 64, "x"):
        assert client.get(f"/paypal/onboarding/{forged}/").status_code == 404
