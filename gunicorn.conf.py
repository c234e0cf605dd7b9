"""What gunicorn needs besides its command line. It reads this file when it starts in this folder.

The first process loads no settings, so that a reload takes in new ones. It writes its lines as the others do, and makes
the folder in which they count for `/metrics`.
"""

import fcntl
import json
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker


class _Json(logging.Formatter):
    """The fields of backend/frame/log_lines.py, as far as this process knows them."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


class JsonLogger(Logger):
    """gunicorn's own, with a JSON object on each line."""

    def setup(self, cfg: Config) -> None:
        """Open the logs that the command line names."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.setFormatter(_Json())


_mode = os.environ.get("MODE")
if not _mode:
    # Each process says itself, in one line, what is wrong with the file.
    with suppress(OSError, ValueError):
        _mode = dotenv_values(Path(__file__).with_name(".env"), interpolate=False, encoding="utf-8-sig").get("MODE")
if _mode == "production":
    logger_class = JsonLogger

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# Those who read the counts share it, so that no counts are moved meanwhile.
_LOCK = "lock"
_IN_MEMORY = "/dev/shm"  # noqa: S108  (mkdtemp makes a folder there that nobody else can enter)


def on_starting(server: Arbiter) -> None:
    """Make a folder for the metrics of this run. A full disk must not stop a process that counts, so not on a disk."""
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="commerce-admin-metrics-", dir=place)
    os.chown(folder, server.cfg.uid, server.cfg.gid)
    Path(folder, _LOCK).touch()
    os.environ[_FOLDER] = folder


def child_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001  (gunicorn's signature)
    """Add the counts of a process that ended to those of all before it: reading takes 20 ms for each file."""
    # It looks for the folder once, when it is imported, and a process that is forked later has it already.
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415

    folder = Path(os.environ[_FOLDER])
    # Files that cannot be added now stay as they are, and count all the same. This process must neither wait nor fail.
    with suppress(OSError, RuntimeError, ValueError), (folder / _LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in folder.glob(f"*_{worker.pid}.db"):
            # No process has the id 0.
            ended = MmapedDict(path.with_name(path.name.replace(str(worker.pid), "0")))
            for key, count, _timestamp, _position in MmapedDict.read_all_values_from_file(path):
                ended.write_value(key, ended.read_value(key)[0] + count, 0.0)
            ended.close()
            path.unlink()


def on_exit(server: Arbiter) -> None:  # noqa: ARG001  (gunicorn's signature)
    """Delete it."""
    shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)
