"""Somebody who follows docs/operations.md, and the repository that it begins with."""

import re
import secrets
import shutil
from pathlib import Path

from django.conf import settings

from tests.deploy.documentation import command
from tests.deploy.machine import Machine, printed
from tests.deploy.visitor import HOST

FIRST, NEXT = "v0.1.0", "v0.2.0"
REPOSITORY, WHEELS = "/mnt/repository", "/mnt/wheels"
MIGRATION = """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("connector", "0001_initial")]
    operations = [migrations.RunSQL("CREATE TABLE next_release (id integer)")]
"""


class Repository:
    """The code as it is in this checkout, as the first release; and later a next one."""

    def __init__(self, folder: Path) -> None:
        self.folder, checkout = folder, Path(settings.BASE_DIR)
        listed = printed("git", "-C", str(checkout), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        for name in listed.strip("\0").split("\0"):
            # A file may be deleted here, and not yet in the index.
            if (checkout / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(checkout / name, folder / name)
        self._git("init", "--quiet")
        self._release(FIRST)

    def release_next(self) -> None:
        """Publish a release with another version and a new table."""
        project = self.folder / "pyproject.toml"
        text = project.read_text(encoding="utf-8")
        project.write_text(re.sub(r'^version = ".*"', 'version = "0.2.0"', text, flags=re.MULTILINE), encoding="utf-8")
        (self.folder / "connector" / "migrations" / "0002_next_release.py").write_text(MIGRATION, encoding="utf-8")
        self._release(NEXT)

    def _release(self, tag: str) -> None:
        self._git("add", "--all")
        self._git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", f"--message={tag}")
        self._git("tag", tag)

    def _git(self, *arguments: str) -> None:
        printed("git", "-C", str(self.folder), *arguments)


class Administrator:
    """Runs the blocks of commands on one machine, with values of their own for the variables."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.password = secrets.token_urlsafe()
        self.values = {"host": HOST, "repository": REPOSITORY, "release": FIRST}

    def follow(self, *headings: str) -> None:
        """Run what is documented below the headings, in one shell as a person does."""
        self.run("".join(map(command, headings)))

    def run(self, script: str) -> str:
        return self.machine.run(self._with_values(script))

    def install(self) -> None:
        """Follow *Install* up to *Settings*: that much is the same with a new database and a restored one."""
        assert re.findall(r"^(\w+)=", command("Install"), re.MULTILINE) == [*self.values]
        use_wheels(self.machine)
        self.follow("Code", "Database and Redis", "Settings")

    def make_first_person(self) -> None:
        answers = {"Username": "admin", "Email": "", "Password:": self.password, "(again)": self.password}
        self.machine.answer(self._with_values(command("Tables, and the first person")), answers)

    def _with_values(self, script: str) -> str:
        return "".join(f"{name}={value}\n" for name, value in self.values.items()) + script


def use_wheels(machine: Machine) -> None:
    """Let pip of a machine find the requirements, which are here already and checked against the same hashes."""
    machine.run(f"printf '[global]\\nno-index = true\\nfind-links = {WHEELS}\\n' > /etc/pip.conf")
