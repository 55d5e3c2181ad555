"""How the service speaks of itself: one line each on stderr, for people or as JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime, tzinfo

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(form: str, level: str, zone: tzinfo = UTC) -> None:
    """Send the logs of Writethru to stderr.

    :param form: ``console`` or ``json``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Console(zone))
    ours = logging.getLogger("writethru")
    ours.handlers = [handler]
    ours.setLevel(level.upper())
    ours.propagate = False


class _Console(logging.Formatter):
    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, self._zone)
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        line = f"{moment:%Y-%m-%d %H:%M:%S} {level}{_one_line(record.getMessage())}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _one_line(record.getMessage()),
            **{key: value for key, value in vars(record).items() if key not in _OWN},
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    """Text from the web is in log lines: no control character may forge or hide one."""
    return "".join(c if c.isprintable() else " " for c in text)
