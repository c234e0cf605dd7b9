"""The metrics as a program reads them."""

from collections.abc import Callable

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, ...], float]
Read = Callable[[str], Samples]


@pytest.fixture
def read(client: Client) -> Read:
    """Ask for all metrics, and return the samples of one by the values of its labels, in their order by name."""

    def samples(name: str) -> Samples:
        text = client.get("/metrics").content.decode()
        families = text_string_to_metric_families(text)
        found = [sample for family in families for sample in family.samples if sample.name == f"commerce_admin_{name}"]
        return {tuple(value for _label, value in sorted(sample.labels.items())): sample.value for sample in found}

    return samples
