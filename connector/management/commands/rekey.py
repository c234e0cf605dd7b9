"""Re-encrypt the stored values, check whether a key can be removed, or make a new one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from backend.audit.actor import acting_from_shell
from connector.environment import Environment
from connector.errors import KeyringError, ValuesUnopenedError
from connector.keys import keyring
from connector.rekey import reencryption
from connector.rekey.reencryption import Report, Value

RESTORE = "Put the key they were stored with back into ENCRYPTION_KEYS, after the newest one, and run it again."
NEW_KEY = """\
This is a new encryption key, shown only now. Keep it where your other secrets are, apart from backups of the database.
A new installation: ENCRYPTION_KEYS=<this key>. To change the key of a running one, in this order:
  1. Add it to ENCRYPTION_KEYS as the second one: ENCRYPTION_KEYS=<key in use>,<this key>. Restart every process.
  2. Move it to the first place: ENCRYPTION_KEYS=<this key>,<old key>. Restart every process.
  3. Run: python manage.py rekey
  4. Run: python manage.py rekey --retire <id of the old key>. When it says so, take the old key out.
A single process can begin with step 2."""


class Command(BaseCommand):
    """Prints which key holds which value; `--dry-run`, `--retire` and `--generate` change nothing."""

    help = (
        "Re-encrypt every stored value with the newest key of ENCRYPTION_KEYS, in one transaction, and print how many "
        "values each key holds. Every running process must have that key already. Exits with 1 if a value does not "
        "open (then nothing is changed), if one was saved with another key meanwhile, or if the key to retire is "
        "still needed."
    )
    # It must be possible to make a key while the ring cannot be used.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do instead of re-encrypting."""
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--dry-run", action="store_true", help="only report; change nothing")
        choice.add_argument("--retire", metavar="KEYID", help="check whether this key can be removed; change nothing")
        choice.add_argument("--generate", action="store_true", help="print a new key, and on stderr how to use it")

    def handle(self, *_args: Any, dry_run: bool, retire: str | None, generate: bool, **_options: Any) -> None:
        """Do what the options ask for, or raise CommandError that says why not and what to do."""
        if generate:
            self.stdout.write(keyring.generate_key())
            self.stderr.write(NEW_KEY, style_func=str)
            return
        try:
            with acting_from_shell():
                changed = None if dry_run or retire else reencryption.rekey()
            report = reencryption.read()
        except ValuesUnopenedError as error:
            self._print(reencryption.read())
            message = f"{error} {RESTORE}"
            raise CommandError(message) from error
        except KeyringError as error:
            message = f"{error} Make a key with: python manage.py rekey --generate"
            raise CommandError(message) from error
        self._print(report)
        if retire:
            self._retire(report, retire.strip().lower())
        else:
            self._conclude(report, changed)

    def _print(self, report: Report) -> None:
        self.stdout.write(f"{'Key id':<18}{'Position':<18}Values")
        for key in report.keys:
            position = "1 (newest)" if key.position == 1 else key.position or "unknown key"
            self.stdout.write(f"{key.key_id:<18}{position:<18}{key.count}")
        for value in report.unopened:
            self.stdout.write(f"Does not open: {_named(value)}")

    def _conclude(self, report: Report, changed: int | None) -> None:
        """Print what was done and what follows. Raises CommandError if something is left to do."""
        if changed is not None:
            self.stdout.write(f"Re-encrypted with the newest key: {changed} values.")
        if report.unopened:
            message = f"{len(report.unopened)} values do not open. {RESTORE}"
            raise CommandError(message)
        if changed is not None and report.old:
            message = f"{len(report.old)} values were saved with an older key meanwhile and keep it. Run it again."
            raise CommandError(message)
        for key in report.keys:
            if key.may_go:
                check = f"python manage.py rekey --retire {key.key_id}"
                self.stdout.write(f"No value needs {key.key_id}. If it is an old key, run: {check}")

    def _retire(self, report: Report, key_id: str) -> None:
        """Print that the key can be removed. Raises CommandError naming why it cannot."""
        key = next((key for key in report.keys if key.key_id == key_id), None)
        if key is None:
            message = f"ENCRYPTION_KEYS holds no key with the id {key_id}. The first column above lists the ids."
            raise CommandError(message)
        if key.position == 1:
            message = f"{key_id} stays: it is the newest key, which encrypts what is saved. Put another one before it."
            raise CommandError(message)
        if key.needing:
            places = "".join(f"\n  {_named(value)}" for value in key.needing)
            message = f"{key_id} stays: {len(key.needing)} values need it.{places}\nRun: python manage.py rekey"
            raise CommandError(message)
        self.stdout.write(
            f"No stored value needs {key_id}. Take it out of ENCRYPTION_KEYS now and restart every process. Keep it "
            "elsewhere as long as there are backups from before the last rekey: only this key opens them."
        )


def _named(value: Value) -> str:
    owner = value.owner.value if isinstance(value.owner, Environment) else value.owner
    return f"{value.place}, {owner}, {value.use.code}, {value.key_id or 'no readable key id'}"
