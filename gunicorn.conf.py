"""What gunicorn needs besides its command line. It reads this file when it starts in this folder.

Its first process writes its lines with this: it loads no settings, so that a reload takes in new ones.
"""

import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
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
        return json.dumps(fields, ensure_ascii=False)


class JsonLogger(Logger):
    """gunicorn's own, with a JSON object on each line."""

    def setup(self, cfg: Config) -> None:
        """Open the logs that the command line names."""
        super().setup(cfg)
        for handler in [*self.error_log.handlers, *self.access_log.handlers]:
            handler.setFormatter(_Json())


_mode = os.environ.get("MODE") or dotenv_values(Path(__file__).with_name(".env"), interpolate=False).get("MODE")
if _mode == "production":
    logger_class = JsonLogger
