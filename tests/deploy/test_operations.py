"""docs/operations.md was followed, block by block, on a Debian with real systemd, nginx, PostgreSQL and Redis."""

import json
import re

import pytest

from tests.addresses import DASHBOARD
from tests.deploy import story as documented
from tests.deploy.administrator import FIRST, NEXT
from tests.deploy.machine import require_rights
from tests.deploy.story import SOMEBODY_ELSE, Story
from tests.deploy.visitor import HOST
from tests.markup import text

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    require_rights()
    return documented.follow(tmp_path_factory.mktemp("deploy"))


def test_everybody_is_led_to_tls(story: Story) -> None:
    answer = story.pages["without TLS"]
    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{HOST}{DASHBOARD}")
    # The Admin believes nginx that there was TLS; without it, this header is not sent.
    assert "Strict-Transport-Security" in story.pages["with TLS"].headers


def test_nginx_refuses_a_body_that_no_form_has(story: Story) -> None:
    assert story.pages["too large"].status_code == 413


def test_settings_backups_and_the_private_key_of_tls_are_their_owners_alone(story: Story) -> None:
    modes = {line.split()[0]: line.split()[1:] for line in story.printed["modes"].splitlines()}
    assert modes == {
        "/srv/commerce-admin/.env": ["commerce-admin", "600"],
        "/srv/commerce-admin/manage.py": ["root", "755"],
        "/var/backups/commerce-admin": ["commerce-admin", "700"],
        "/etc/ssl/commerce-admin/privkey.pem": ["root", "600"],
    }


def test_the_first_person_signs_in_and_connects(story: Story) -> None:
    assert story.pages["sign-in"].headers["Location"] == DASHBOARD
    assert story.fingerprint in text(story.pages["connected"])
    assert story.printed["verify"] == "sandbox: verified.\n"


def test_nobody_has_an_address_of_their_choice_in_the_action_log(story: Story) -> None:
    log = text(story.pages["action log"])
    assert "127.0.0.1" in log
    assert SOMEBODY_ELSE not in log


def test_systemd_objects_to_no_unit(story: Story) -> None:
    assert story.printed["objections"] == ""


def test_every_timer_waits(story: Story) -> None:
    waiting = re.findall(r"commerce-admin-(\w+)\.timer", story.printed["timers"])
    assert sorted(waiting) == ["audit", "backup", "maintain", "sync", "verify"]


def test_the_unit_of_the_timer_finds_the_action_log_unchanged(story: Story) -> None:
    assert "Nothing was changed." in story.printed["audit"]
    assert re.search(r"^Head: \d+:[0-9a-f]{64}$", story.printed["audit"], re.MULTILINE)


def test_the_unit_of_the_timer_made_a_backup(story: Story) -> None:
    assert "/var/backups/commerce-admin/commerce-admin-" in story.printed["backup"]


def test_a_restart_lets_a_request_end(story: Story) -> None:
    assert story.pages["verified in a restart"].status_code == 302


def test_an_upgrade_changes_code_and_tables(story: Story) -> None:
    assert story.printed["upgraded"].startswith(f"{NEXT}\n")
    assert "next_release" in story.printed["upgraded"]


def test_rolling_back_takes_both_back_and_keeps_the_pair(story: Story) -> None:
    assert story.printed["rolled back"].startswith(f"{FIRST}\n")
    assert "connector_keypair" in story.printed["rolled back"]
    assert "next_release" not in story.printed["rolled back"]
    assert story.fingerprint in text(story.pages["rolled back"])


def test_people_sign_in_behind_a_unix_socket(story: Story) -> None:
    assert story.pages["sign-in behind a socket"].headers["Location"] == DASHBOARD


def test_a_restart_behind_a_unix_socket_fails_nobody(story: Story) -> None:
    assert story.printed["answers in a restart"] == "{200}"


def test_the_backup_opens_on_another_host(story: Story) -> None:
    assert story.pages["sign-in on the other host"].headers["Location"] == DASHBOARD
    assert story.fingerprint in text(story.pages["other host"])
    assert "Nothing was changed." in story.printed["audit on the other host"]
    [sandbox] = json.loads(story.printed["verify on the other host"])["environments"]
    # It opened, and a request was signed with it.
    assert sandbox["cause"] == "unreachable"


def test_the_journal_has_no_secret(story: Story) -> None:
    assert "gunicorn" in story.printed["journal"]
    assert not [secret for secret in story.secrets if secret in story.printed["journal"]]
