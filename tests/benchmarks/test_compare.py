import os
import subprocess
import sys

from django.conf import settings

FOLDER = settings.BASE_DIR / "benchmarks"


def test_the_admin_that_we_compare_with_still_fits_our_models() -> None:
    environment = os.environ | {"PYTHONPATH": f"{FOLDER}{os.pathsep}{settings.BASE_DIR}"}
    command = [sys.executable, "-m", "django", "check", "--settings=django_admin.settings"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
    assert done.returncode == 0, done.stderr
