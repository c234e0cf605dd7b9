"""The fields of our configuration page as a plain model."""

from django.db import models

ENVIRONMENTS = [("sandbox", "Sandbox"), ("production", "Production")]
PROJECTS = [("6a3c8f52-0a38-4f0f-9b5a-0d3c53c3f1a7", "Demo store")]
DATA_SPACES = [
    ("0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a01", "Production"),
    ("0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a02", "Testing 1"),
    ("0b0f7c0e-4a5a-4c58-8a52-6f6d3f6e9a03", "Testing 2"),
]


class Configuration(models.Model):
    """What our configuration page asks for, with as many choices as the benchmark's account has."""

    active_environment = models.CharField(
        max_length=10, choices=ENVIRONMENTS, help_text="Payment Services uses the keys of this environment."
    )
    sandbox_api_key = models.CharField(max_length=32, blank=True, help_text="Copy it from the API Portal.")
    sandbox_private_key = models.TextField(blank=True, help_text="Empty: the stored key stays.")
    production_api_key = models.CharField(max_length=32, blank=True, help_text="Copy it from the API Portal.")
    production_private_key = models.TextField(blank=True, help_text="Empty: the stored key stays.")
    project_id = models.CharField(max_length=36, choices=PROJECTS, help_text="The projects of the account.")
    data_space_id = models.CharField(max_length=36, choices=DATA_SPACES, help_text="The data spaces of the project.")

    class Meta:
        verbose_name_plural = "configuration"

    def __str__(self) -> str:
        return "Commerce Services Connector"
