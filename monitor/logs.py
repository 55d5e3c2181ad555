"""How the service speaks of itself: one line each on stderr, for people or as JSON.

Text from the web is in what is logged, in messages and in tracebacks. Whatever it holds, it can neither
begin a line of its own nor move a cursor.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, tzinfo
from typing import TextIO

from monitor.report import json_line

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up(form: str, level: str, zone: tzinfo = UTC) -> None:
    """Send the logs of Writethru to stderr, and what libraries warn of in the same form.

    :param form: ``console`` or ``json``.
    """
    handler = _handler(form, zone)
    ours = logging.getLogger("writethru")
    ours.handlers = [handler]
    ours.setLevel(level.upper())
    ours.propagate = False
    logging.lastResort = _handler(form, zone, logging.WARNING)


def _handler(form: str, zone: tzinfo, level: int = logging.NOTSET) -> logging.StreamHandler[TextIO]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else _Console(zone))
    handler.setLevel(level)
    return handler


class _Console(logging.Formatter):
    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, self._zone)
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        line = f"{moment:%Y-%m-%d %H:%M:%S} {level}{_one_line(record.getMessage())}"
        trace = self.formatException(record.exc_info).split("\n") if record.exc_info else []
        return "\n".join([line, *(f"    {_one_line(each)}" for each in trace)])


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
        return json_line(said)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
