"""The registry's row: everything about one data space, as it goes over the wire."""

from datetime import UTC, datetime
from typing import Any

from saas.choices import Edition
from saas.models import DataSpace

# A row in a list ends here; the row alone has every key.
LIST_KEYS = 12
COMMERCE_FEATURES = ["Catalog Service", "Live Search", "Premium Search", "Product Recommendations"]


def list_row(space: DataSpace) -> dict[str, Any]:
    """Return the row of `space` for a list: its first keys, and ours."""
    return dict(list(row(space).items())[:LIST_KEYS]) | last_instance(space)


def row(space: DataSpace) -> dict[str, Any]:
    """Return the whole row of `space`, in the order of the wire."""
    project, account = space.project, space.project.account
    # The same in every language.
    bought = ["Adobe Commerce" if account.edition == Edition.ADOBE_COMMERCE else "Magento Open Source"]
    if account.is_entitled_to_payments:
        bought.append("Payment Services")
    return {
        "environmentId": str(space.pk),
        "mageId": account.mage_id,
        "imsOrganizationId": account.ims_organization_id,
        "organizationId": str(account.organization_id),
        "organizationName": account.organization_name,
        "projectId": str(project.pk),
        "projectName": project.name,
        "environmentType": space.type,
        "environmentName": space.name,
        "accountGroup": "Merchant",
        "entitlementAuthority": "MAGENTO",
        "accountEntitlements": bought,
        "featureSet": features(space),
        "cloudId": space.cloud_id,
        "subscriptionEndDate": None,
        "accountSyncStatus": {"status": "Success", "updatedAt": wire_time(space.updated_at)},
        "createdAt": wire_time(space.created_at),
        "updatedAt": wire_time(space.updated_at),
        "hipaa": False,
        **last_instance(space),
    }


def last_instance(space: DataSpace) -> dict[str, Any]:
    """Return the instance last seen on `space`, under the one key of a row that is ours; nothing if there was none."""
    if space.last_seen_at is None:
        return {}
    seen = {"id": str(space.last_seen_instance), "name": space.last_seen_name, "seenAt": wire_time(space.last_seen_at)}
    return {"lastInstance": seen}


def features(space: DataSpace) -> list[str]:
    """Return the services that the data space gives access to: by edition, by entitlement, then added ones."""
    account = space.project.account
    names = list(COMMERCE_FEATURES) if account.edition == Edition.ADOBE_COMMERCE else []
    if account.in_good_standing and account.payments_sandbox:
        names.append("Commerce Payments Sandbox")
    if account.in_good_standing and account.payments_production:
        names.append("Commerce Payments")
    return [*names, *(name for name in space.extra_features if name not in names)]


def wire_time(moment: datetime, to: str = "milliseconds") -> str:
    """Return `moment` as ISO 8601 with `Z`, exact to milliseconds or microseconds."""
    return moment.astimezone(UTC).isoformat(timespec=to).replace("+00:00", "Z")
