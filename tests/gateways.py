"""Both gateways with the answers that a test gives them, and the account in these answers."""

import re
from collections.abc import Mapping
from typing import Any

import responses

from connector.environment import Environment

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
GATEWAY_URLS = {SANDBOX: "https://sandbox.outside.test/", PRODUCTION: "https://production.outside.test/"}
PING, REGISTRY = "merchant-registry/v1/ping", "merchant-registry/v1/registry"
PAYMENT_FEATURES = ("Commerce Payments Sandbox", "Commerce Payments", "Premium Search")
MAGE_ID, OTHER_MAGE_ID = "MAG000000007", "MAG000000008"
PROJECT_ID, OTHER_PROJECT_ID = "0b7c1d8e-0000-4000-8000-000000000001", "0b7c1d8e-0000-4000-8000-000000000002"
TESTING_ID, LIVE_ID, OTHER_SPACE_ID = "testing-1", "live-1", "other-1"
JWT_INVALID = {"message": "JWT is invalid"}
NOT_FOUND = {"status": 404, "statusText": "Not Found", "message": "Merchant registry not found"}
CLIENT_ID_INVALID = {"error": {"message": "Client ID is invalid"}}


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of the merchant registry: the testing data space of the first project."""
    return {
        "environmentId": TESTING_ID,
        "mageId": MAGE_ID,
        "organizationName": "Fabrikam",
        "projectId": PROJECT_ID,
        "projectName": "Fabrikam EU",
        "environmentType": "Testing",
        "environmentName": "Staging",
    } | changes


ROWS = (
    row(),
    row(environmentId=LIVE_ID, environmentType="Production", environmentName="Live"),
    row(environmentId=OTHER_SPACE_ID, projectId=OTHER_PROJECT_ID, projectName="Fabrikam US", environmentName="West"),
)


class Outside:
    """Both gateways. A call that the test does not answer fails to connect."""

    def __init__(self, mocked: responses.RequestsMock) -> None:
        self.mocked = mocked

    @property
    def calls(self) -> list[str]:
        """Return method and address of every call so far."""
        return [f"{call.request.method} {call.request.url}" for call in self.mocked.calls]

    def accept(
        self,
        environment: Environment,
        rows: tuple[Mapping[str, Any], ...] = ROWS,
        features: tuple[str, ...] = PAYMENT_FEATURES,
        onboarding: str = "CREATED",
    ) -> None:
        """Accept every pair. The account has the data spaces `rows`; the others of `ROWS` are not found."""
        base = GATEWAY_URLS[environment]
        registry = base + REGISTRY
        self.mocked.upsert("GET", base + PING)
        self.mocked.upsert("GET", registry, json={"results": rows})
        for other in {known["environmentId"] for known in ROWS} - {known["environmentId"] for known in rows}:
            self.mocked.upsert("GET", f"{registry}/environments/{other}", json=NOT_FOUND, status=404)
        for known in rows:
            address = f"{registry}/environments/{known['environmentId']}"
            self.mocked.upsert("GET", address, json={**known, "featureSet": features})
        self.mocked.upsert("GET", f"{base}payments/onboarding/paypal", json={"result": {"status": onboarding}})

    def refuse(self, environment: Environment, body: Mapping[str, Any], status: int = 403, **answer: Any) -> None:
        """Refuse every pair at the ping."""
        address = GATEWAY_URLS[environment] + PING
        self.mocked.upsert("GET", address, json=body, status=status, **answer)

    def answer(self, environment: Environment, path: str, method: str = "GET", **answer: Any) -> None:
        """Answer calls of one path."""
        self.mocked.upsert(method, GATEWAY_URLS[environment] + path, **answer)

    def answer_all(self, environment: Environment, **answer: Any) -> None:
        """Answer every call alike."""
        everything = re.compile(re.escape(GATEWAY_URLS[environment]) + ".*")
        for known in [known for known in self.mocked.registered() if everything.fullmatch(str(known.url))]:
            self.mocked.remove(known)
        self.mocked.get(everything, **answer)
