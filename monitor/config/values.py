"""Reading one value of the file: what it must be, and what to say where it is not."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from monitor import patterns
from monitor.allowance import parse_allowance
from monitor.config.settings import Proxy

T = TypeVar("T")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400
_LONGEST_SELECTOR = 500


class Wrong(Exception):
    """What is wrong with a value, in words that follow its path."""


def hint(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def duration(value: Any) -> timedelta:
    """``"90s" "15m" "3h" "30d"``."""
    found = re.fullmatch(r"(\d{1,9})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(f'must be a duration such as "90s", "15m", "3h" or "30d", not {value!r}')
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST:
        raise Wrong(f"must not be longer than a year, not {value!r}")
    return timedelta(seconds=seconds)


def web_url(value: Any) -> str:
    text = plain_text(value)
    try:
        parts = urlsplit(text)
        if parts.scheme in ("http", "https") and parts.hostname and not re.search(r"[\x00-\x20\\]", text):
            _ = parts.port
            return text.partition("#")[0]
    except ValueError:
        pass
    raise Wrong(f"must be an http:// or https:// address, not {text!r}")


def proxy(value: Any) -> Proxy:
    """Never repeated where it is wrong: there may be a password in it."""
    text = plain_text(value)
    if text.lower().startswith("socks"):
        raise Wrong("must be an http:// proxy; SOCKS is not spoken here")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if (
        host is None
        or parts.scheme != "http"
        or parts.path.strip("/")
        or parts.query
        or not text.isprintable()
    ):
        raise Wrong("must be the address of a proxy, as in http://user:password@proxy.example:3128")
    login = None if parts.username is None else f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return Proxy(host=host, port=port, login=login)


def longer_than_zero(value: Any) -> timedelta:
    length = duration(value)
    if not length:
        raise Wrong("must be longer than nothing")
    return length


def plain_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(f"must be text in quotes, not {value!r}")
    return value


def name(value: Any) -> str:
    text = plain_text(value)
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise Wrong("must be a short printable name")
    return text


def header_value(value: Any) -> str:
    text = plain_text(value)
    if not text.isprintable() or not text.isascii():
        raise Wrong("must be plain ASCII on one line")
    return text


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {value!r}")
    return value


def between(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Wrong(f"must be a whole number from {least} to {most}, not {value!r}")
        return value

    return read


def one_of(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words:
            raise Wrong(f"must be one of {', '.join(words)}, not {value!r}{hint(str(value), words)}")
        return str(value)

    return read


def list_of(read_one: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise Wrong(f"must be a list in brackets, not {value!r}")
        return tuple(read_one(item) for item in value)

    return read


def pattern(value: Any) -> str:
    text = plain_text(value)
    try:
        patterns.check(text)
    except patterns.BadPattern as error:
        raise Wrong(str(error)) from None
    return text


def selector(value: Any) -> str:
    import soupsieve  # slow to load, and few configurations have a selector

    text = plain_text(value)
    if len(text) > _LONGEST_SELECTOR:
        raise Wrong(f"must not be longer than {_LONGEST_SELECTOR} letters, and this one has {len(text)}")
    try:
        soupsieve.compile(text)
    except (soupsieve.SelectorSyntaxError, RecursionError) as error:
        raise Wrong(f"is not a CSS selector: {str(error).splitlines()[0]}") from None
    return text


def allowance(value: Any) -> str:
    text = plain_text(value)
    try:
        parse_allowance(text)
    except ValueError as error:
        raise Wrong(str(error)) from None
    return text


def storage_url(value: Any) -> str:
    """Never repeated where it is wrong: there may be a password in it."""
    text = plain_text(value)
    if not re.fullmatch(r"sqlite:///.+|postgresql(\+psycopg)?://[^/]*/[^/?]+(\?.*)?", text):
        raise Wrong("must be sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")
    return text


def listen(value: Any) -> tuple[str, int]:
    host, _, port = plain_text(value).rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Wrong(f"must be host:port, not {value!r}")
    return host.strip("[]"), int(port)


# What these do they do on this machine, and not over the network.
_ON_THIS_MACHINE = frozenset("blink1 dbus file gio glib gnome kde macosx qt syslog windows".split())


def channel_trouble(url: str) -> str | None:
    """What is wrong with a channel's address, in words that follow its path; None: nothing. Never repeats
    it: there may be a password in it."""
    scheme, there, rest = url.partition("://")
    scheme = scheme.lower()
    if not there:
        return "must be an address such as mailto://..., slack://... or https://..."
    if scheme in _ON_THIS_MACHINE:
        return f"{scheme}:// works on this machine alone; a message must go over the network"
    if scheme in ("http", "https"):
        return None
    asked = {
        key.lower().lstrip("+-:") for key, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True)
    }
    if "attach" in asked:
        return "must not name a file or an address to attach (attach=)"
    if "redirect" in asked:
        return "must not say how redirects are taken (redirect=): none is followed"
    return None


def timezone(value: Any) -> str:
    text = plain_text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise Wrong(f"{text!r} is not a time zone such as Europe/London") from None
    return text


def file_in(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = folder / plain_text(value)
        if not path.is_file():
            raise Wrong(f"there is no file {path}")
        return str(path)

    return read


def program_in(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = file_in(folder)(value)
        if not os.access(path, os.X_OK):
            raise Wrong(f"{path} is not a program that can be run")
        return path

    return read


def certificates_in(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = file_in(folder)(value)
        try:
            found = b"-----BEGIN CERTIFICATE-----" in Path(path).read_bytes()
        except OSError as error:
            raise Wrong(f"the file {path} cannot be read: {error.strerror}") from None
        if not found:
            raise Wrong(f"{path} holds no certificate in PEM form")
        return path

    return read


def folder_in(folder: Path) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        path = (folder / plain_text(value)).resolve()
        if not path.is_dir():
            raise Wrong(f"there is no folder {path}")
        return str(path)

    return read
