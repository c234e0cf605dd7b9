"""docs/operations.md from a bare Debian to a backup restored on another one, and what was seen on the way."""

import json
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.addresses import ACTION_LOG, CONFIGURATION, DASHBOARD, HEALTH
from tests.deploy import debian
from tests.deploy.administrator import NEXT, REPOSITORY, WHEELS, Administrator, Repository
from tests.deploy.documentation import command, commands
from tests.deploy.machine import Machine
from tests.deploy.visitor import HOST, Visitor, visiting
from tests.markup import form_of

SOMEBODY_ELSE = "203.0.113.9"
UNTIL_IT_ANSWERS = f"""curl --silent --fail --retry 30 --retry-delay 1 --retry-all-errors --output /dev/null \\
    --header "Host: {HOST}" http://127.0.0.1:8000/healthz
"""
# What an administrator with a gateway of their own sets; Commerce Services themselves are out of reach.
USE_SERVICES = f"""cat >> /srv/commerce-admin/.env <<END
SANDBOX_GATEWAY_URL=http://127.0.0.1:8131/gateway/sandbox/
PRODUCTION_GATEWAY_URL=http://127.0.0.1:8131/gateway/production/
END
systemctl restart commerce-admin
{UNTIL_IT_ANSWERS}"""
# The stand-in on another port. It prints a key pair that works.
SERVICES = f"""git clone --quiet --branch v0.1.0 {REPOSITORY} /srv/services
cd /srv/services
export PORT=8131 MODE=development
python=/srv/commerce-admin/.venv/bin/python
$python manage.py migrate --verbosity 0
$python manage.py shell --no-imports --command '
import json
from dashboard import demo
from saas.models import Account, ApiKey
admin = demo.make_people("unused")["admin"]
key, pair = ApiKey.objects.issue(Account.objects.get(), admin, environment="sandbox", name="Test")
print(json.dumps([key.api_key, pair.private_key]))'
systemd-run --quiet --working-directory=/srv/services --setenv=MODE --setenv=PORT \
    $python -m gunicorn config.wsgi --bind 127.0.0.1:8131 --worker-class gthread --threads 4 --no-control-socket
curl --silent --fail --retry 30 --retry-delay 1 --retry-all-errors --output /dev/null http://127.0.0.1:8131/healthz
"""
SLOW_SERVICES = """cd /srv/services
MODE=development /srv/commerce-admin/.venv/bin/python manage.py shell --no-imports --command '
from saas.models import Fault
Fault.objects.switch("sandbox", "slow", {seconds})'
"""
UNITS = "commerce-admin{,-audit,-backup,-maintain,-sync,-verify}.service"
TABLES = "runuser -u commerce-admin -- psql --no-align --tuples-only --command='\\dt' commerce_admin"
VERSION = "git -C /srv/commerce-admin describe --tags"


@dataclass
class Story:
    """What commands printed and which pages were answered."""

    printed: dict[str, str] = field(default_factory=dict)
    pages: dict[str, requests.Response] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list, repr=False)
    fingerprint: str = ""


def follow(folder: Path) -> Story:
    """Follow the documentation on two machines, one after the other."""
    story, repository = Story(), Repository(folder / "repository")
    root = debian.with_packages(command("Packages"))
    binds = [f"{repository.folder}:{REPOSITORY}", f"{debian.wheels(root)}:{WHEELS}"]
    with Machine(root, binds) as machine:
        first = Administrator(machine)
        install(first, story)
        connect(first, story)
        look_at_units(first, story)
        backup = back_up(first, story, folder)
        restart_under_load(first, story)
        use_a_socket(first, story)
        repository.release_next()
        upgrade_and_roll_back(first, story)
        env = machine.path("/srv/commerce-admin/.env").read_text(encoding="utf-8")
        story.secrets += re.findall(r"^(?:SECRET_KEY|ENCRYPTION_KEYS)=(.*)$", env, re.MULTILINE)
        story.printed["journal"] = machine.run("journalctl --no-pager --output cat")
    with Machine(root, binds) as machine:
        restore(Administrator(machine), backup, env)
        with visiting(machine) as visitor:
            story.pages["sign-in on the other host"] = visitor.sign_in("admin", first.password)
            story.pages["other host"] = visitor.get(CONFIGURATION)
        story.printed["audit on the other host"] = machine.run("commerce-admin audit verify")
        # Commerce Services are not there, so nobody knows whether the pair is verified: status 2.
        story.printed["verify on the other host"] = machine.run("commerce-admin connector verify --json || [ $? = 2 ]")
    return story


def install(first: Administrator, story: Story) -> None:
    """Follow *Install* to its end, and look at what nginx lets through."""
    first.install()
    first.make_first_person()
    first.follow("Services", "TLS")
    files = "/srv/commerce-admin/{.env,manage.py} /var/backups/commerce-admin /etc/ssl/commerce-admin/privkey.pem"
    story.printed["modes"] = first.machine.run(f"stat --format='%n %U %a' {files}")
    with visiting(first.machine) as visitor:
        story.pages["without TLS"] = visitor.get(DASHBOARD, scheme="http")
        story.pages["with TLS"] = visitor.get(HEALTH)
        story.pages["too large"] = visitor.send(DASHBOARD, b"x" * 2_100_000)


def connect(first: Administrator, story: Story) -> None:
    """Give the Admin a gateway and its keys, as a person does on the pages who would like to have another address."""
    api_key, private_key = json.loads(first.machine.run(SERVICES))
    story.secrets += [api_key, *private_key.splitlines()[1:-1]]
    first.machine.run(USE_SERVICES)
    with visiting(first.machine) as visitor:
        visitor.session.headers["X-Forwarded-For"] = SOMEBODY_ELSE
        story.pages["sign-in"] = visitor.sign_in("admin", first.password)
        page = visitor.get(CONFIGURATION)
        keys = {"sandbox_api_key": api_key, "sandbox_private_key": private_key}
        visitor.post(CONFIGURATION, page, **form_of(page) | keys)
        page = story.pages["connected"] = visitor.get(CONFIGURATION)
        story.pages["action log"] = visitor.get(ACTION_LOG)
    [story.fingerprint] = set(re.findall(r"SHA256:[\w+/]+", page.text))
    story.printed["verify"] = first.machine.run("commerce-admin connector verify")


def look_at_units(first: Administrator, story: Story) -> None:
    """Let systemd check its units, and run what the timers run."""
    run = first.machine.run
    place = "cd /etc/systemd/system"
    story.printed["objections"] = run(f"{place}; systemd-analyze verify {UNITS} commerce-admin-*.timer 2>&1")
    run(f"systemd-analyze security --no-pager --threshold=20 {UNITS}")
    run("systemctl start commerce-admin-{audit,maintain,sync,verify}")
    story.printed["audit"] = run("journalctl --unit commerce-admin-audit --output cat")
    story.printed["timers"] = run("systemctl list-timers --no-pager --no-legend 'commerce-admin-*'")


def back_up(first: Administrator, story: Story, folder: Path) -> Path:
    """Let the unit of the timer make a backup, and take it out of the machine."""
    first.machine.run("systemctl start commerce-admin-backup")
    story.printed["backup"] = first.machine.run("journalctl --unit commerce-admin-backup --output cat --grep checked")
    [made] = first.machine.path("/var/backups/commerce-admin").iterdir()
    first.values["backup"] = f"/var/backups/commerce-admin/{made.name}"
    return Path(shutil.copy(made, folder))


def restart_under_load(first: Administrator, story: Story) -> None:
    """Restart the server while it waits for the gateway on behalf of a person."""

    def verify(visitor: Visitor, page: requests.Response) -> None:
        address = f"{CONFIGURATION}verify/"
        story.pages["verified in a restart"] = visitor.post(address, page, environment="sandbox")

    first.machine.run(SLOW_SERVICES.format(seconds=4))
    with visiting(first.machine) as visitor:
        visitor.sign_in("admin", first.password)
        waiting = threading.Thread(target=verify, args=(visitor, visitor.get(CONFIGURATION)))
        waiting.start()
        first.machine.run(f"sleep 1; systemctl restart commerce-admin\n{UNTIL_IT_ANSWERS}")
        waiting.join()
    first.machine.run(SLOW_SERVICES.format(seconds=0))


def use_a_socket(first: Administrator, story: Story) -> None:
    """Follow the section about the Unix socket, and restart the server while somebody asks for pages."""
    first.follow("A Unix socket in place of the port")
    first.machine.run("! curl --silent http://127.0.0.1:8000/")
    with visiting(first.machine) as visitor:
        story.pages["sign-in behind a socket"] = visitor.sign_in("admin", first.password)
        restart = threading.Thread(target=first.machine.run, args=("systemctl restart commerce-admin",))
        restart.start()
        answers = []
        while restart.is_alive():
            answers.append(visitor.get(HEALTH).status_code)
        story.printed["answers in a restart"] = str(set(answers))


def upgrade_and_roll_back(first: Administrator, story: Story) -> None:
    """Follow *Upgrade* and *Roll back*, whose first blocks only name the releases and the backup."""
    run, before = first.machine.run, first.values["release"]
    first.values["release"] = NEXT
    first.run(commands("Upgrade")[1])
    story.printed["upgraded"] = run(f"{VERSION}; {TABLES}")
    first.values["release"] = before
    first.run(commands("Roll back")[1])
    story.printed["rolled back"] = run(f"{VERSION}; {TABLES}")
    with visiting(first.machine) as visitor:
        visitor.sign_in("admin", first.password)
        story.pages["rolled back"] = visitor.get(CONFIGURATION)


def restore(second: Administrator, backup: Path, env: str) -> None:
    """Follow *On a new host*, whose steps 2 and 3 have no commands."""
    second.install()
    file = second.machine.path("/srv/commerce-admin/.env")
    for name in ("ENCRYPTION_KEYS", "SECRET_KEY"):
        line = re.compile(rf"^{name}=.*$", re.MULTILINE)
        [old] = line.findall(env)
        file.write_text(line.sub(old, file.read_text(encoding="utf-8")), encoding="utf-8")
    second.machine.path(f"/root/{backup.name}").write_bytes(backup.read_bytes())
    second.values["backup"] = f"/root/{backup.name}"
    second.run(commands("On a new host")[1])
    second.follow("Services", "TLS")
