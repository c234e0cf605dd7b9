"""What gunicorn needs besides its command line. It reads this file when it starts in this folder.

The first process loads no settings, so that a reload takes in new ones. It writes its lines as the others do, and makes
the folder in which they count for `/metrics`.
"""

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
_IN_MEMORY = "/dev/shm"  # noqa: S108  (mkdtemp makes a folder there that nobody else can enter)


def on_starting(server: Arbiter) -> None:
    """Make a folder for the metrics of this run. A full disk must not stop a process that counts, so not on a disk."""
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="commerce-admin-metrics-", dir=place)
    os.chown(folder, server.cfg.uid, server.cfg.gid)
    os.environ[_FOLDER] = folder


def on_exit(server: Arbiter) -> None:  # noqa: ARG001  (gunicorn's signature)
    """Delete it."""
    shutil.rmtree(os.environ[_FOLDER], ignore_errors=True)
