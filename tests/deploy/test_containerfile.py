"""The steps of deploy/Containerfile, one after the other in a bare Debian: no engine is needed, and none is tested."""

import json
import re
import secrets
import shlex
from pathlib import Path

import pytest
from django.conf import settings

from connector.keys import keyring
from tests.deploy import debian
from tests.deploy.administrator import REPOSITORY, WHEELS, Repository, use_wheels
from tests.deploy.documentation import command
from tests.deploy.machine import Machine, require_rights
from tests.deploy.visitor import HOST

pytestmark = pytest.mark.deploy


def steps() -> list[tuple[str, str]]:
    """Return instructions with their arguments."""
    text = (Path(settings.BASE_DIR) / "deploy" / "Containerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line]


def arguments(instruction: str, value: str) -> list[str]:
    """Return the command of CMD or HEALTHCHECK, which are JSON so that no shell is between."""
    words: list[str] = json.loads(value.partition("CMD ")[2] if instruction == "HEALTHCHECK" else value)
    return words


class Image:
    """A machine that takes the steps as a builder of images would, and keeps what a container begins with."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.folder, self.variables, self.user = machine, "/", "", "0:0"
        self.commands: dict[str, list[str]] = {}
        for instruction, value in steps():
            self._take(instruction, value)

    def run(self, script: str, *, online: bool = False) -> str:
        return self.machine.run(f"export {self.variables}\ncd {self.folder}\n{script}", online=online)

    def _take(self, instruction: str, value: str) -> None:
        match instruction:
            case "RUN":
                self.run(value, online="apt-get" in value)
            case "COPY":
                self._copy(value.split())
            case "WORKDIR":
                self.folder = value
                self.machine.run(f"mkdir --parents {value}")
            case "ENV":
                self.variables = value
            case "USER":
                self.user = value
            case "CMD" | "HEALTHCHECK":
                self.commands[instruction] = arguments(instruction, value)
            case other:
                assert other in {"FROM", "VOLUME", "EXPOSE"}

    def _copy(self, names: list[str]) -> None:
        *sources, target = names
        places = " ".join(f"{REPOSITORY}/{source}" for source in sources)
        # Of a folder, an engine copies what is in it.
        copy = f"if [ -d $place ]; then mkdir -p {target}; cp -r $place/. {target}; else cp $place {target}; fi"
        self.run(f"for place in {places}; do {copy}; done")


class Container:
    """Processes of an image, as its user and with nothing to write but its volume, like `podman run --read-only`."""

    def __init__(self, image: Image) -> None:
        self.image = image
        user, group = image.user.split(":")
        given = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": keyring.generate_key(),
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "DATABASE_URL": "sqlite:////var/lib/commerce-admin/db.sqlite3",
        }
        variables = [*(f"{name}={value}" for name, value in given.items()), *image.variables.split()]
        self.options = [
            "--quiet",
            f"--uid={user}",
            f"--gid={group}",
            f"--working-directory={image.folder}",
            "--property=ProtectSystem=strict",
            "--property=ReadWritePaths=/var/lib/commerce-admin",
            *(f"--setenv={variable}" for variable in variables),
        ]

    def line(self, command: list[str], *options: str) -> str:
        """Return the line for a shell that runs a command."""
        return shlex.join(["systemd-run", *self.options, *options, *command])


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build, migrate, serve, and ask for the health as an engine does; return what was printed."""
    require_rights()
    repository = Repository(tmp_path_factory.mktemp("container"))
    (repository.folder / ".env").write_text("SECRET_KEY=of-the-checkout\n", encoding="utf-8")
    binds = [
        f"{repository.folder}:{REPOSITORY}",
        f"{debian.wheels(debian.with_packages(command('Packages')))}:{WHEELS}",
    ]
    seen = {}
    with Machine(debian.bare(), binds) as machine:
        use_wheels(machine)
        image = Image(machine)
        seen["files"] = image.run("find . -path ./.venv -prune -o -type f -print")
        container = Container(image)
        image.run(container.line(["python", "manage.py", "migrate"], "--wait"))
        backup = ["python", "manage.py", "backup", "/var/lib/commerce-admin/backups"]
        seen["backup"] = image.run(container.line(backup, "--wait", "--pipe"))
        image.run(container.line(image.commands["CMD"], "--unit=server"))
        health = container.line(image.commands["HEALTHCHECK"], "--wait")
        seen["health"] = image.run(f"for second in {{1..20}}; do {health} && echo healthy && break; sleep 1; done")
        seen["user"] = machine.run("stat --format=%u /proc/$(systemctl show --value --property=MainPID server)")
        image.run(f"systemctl stop server; ! {health}")
    return seen


def test_it_answers_its_health_check_until_it_stops(seen: dict[str, str]) -> None:
    assert seen["health"] == "healthy\n"


def test_it_does_not_run_as_root(seen: dict[str, str]) -> None:
    assert seen["user"] == "10001\n"


def test_it_backs_up_a_sqlite_database_in_its_volume(seen: dict[str, str]) -> None:
    assert re.match(r"/var/lib/commerce-admin/backups/\S+\.sqlite3: .*, checked\.", seen["backup"])


def test_no_settings_of_the_checkout_are_in_it(seen: dict[str, str]) -> None:
    files = seen["files"].splitlines()
    assert "./manage.py" in files
    assert not [file for file in files if file.startswith(("./.env", "./.git", "./tests", "./var/dev"))]
