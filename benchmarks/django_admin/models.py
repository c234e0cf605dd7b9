"""The fields of our configuration page as a plain model, and the way to our models wherever they live."""

from typing import Any

from django.apps import apps
from django.db import models


def installed(name: str) -> Any:
    """Return the installed model called `name`, whichever app has it."""
    return next(model for model in apps.get_models() if model.__name__ == name)


class Configuration(models.Model):
    """What our configuration page asks for."""

    class Environment(models.TextChoices):
        """The two environments."""

        SANDBOX = "sandbox", "Sandbox"
        PRODUCTION = "production", "Production"

    class Project(models.TextChoices):
        """As many as the benchmark's account has."""

        DEMO = "6a3c8f52-0a38-4f0f-9b5a-0d3c53c3f1a7", "Demo store"

    class DataSpace(models.TextChoices):
        """As many as a project has."""

        PRODUCTION = "0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a01", "Production"
        TESTING_1 = "0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a02", "Testing 1"
        TESTING_2 = "0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a03", "Testing 2"

    active_environment = models.CharField(
        max_length=10, choices=Environment, help_text="Payment Services uses the keys of this environment."
    )
    sandbox_api_key = models.CharField(max_length=32, blank=True, help_text="Copy it from the API Portal.")
    sandbox_private_key = models.TextField(blank=True, help_text="Empty: the stored key stays.")
    production_api_key = models.CharField(max_length=32, blank=True, help_text="Copy it from the API Portal.")
    production_private_key = models.TextField(blank=True, help_text="Empty: the stored key stays.")
    project_id = models.CharField(max_length=36, choices=Project, help_text="The projects of the account.")
    data_space_id = models.CharField(max_length=36, choices=DataSpace, help_text="The data spaces of the project.")

    class Meta:
        verbose_name_plural = "configuration"

    def __str__(self) -> str:
        return "Commerce Services Connector"
