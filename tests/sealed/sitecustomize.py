"""Nothing leaves this machine: every Python process of a test run refuses whatever is not loopback.

Python runs a file of this name when it starts, so with its folder on PYTHONPATH the children are sealed as
well. What was refused is written down, so that the test fails even where the code under test makes nothing
of it. Where WRITETHRU_SEAL_STRICT is set, loopback too is refused unless our guard let through that very
address just before.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

FILE = "WRITETHRU_SEAL_FILE"
STRICT = "WRITETHRU_SEAL_STRICT"

_REACHES_OUT = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKS_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_WATCHED = _REACHES_OUT | _LOOKS_UP


class Attempt(NamedTuple):
    """What was refused: the audit event, and where it would have led."""

    event: str
    host: str
    port: int


class Seal:
    """One process's audit hook, and what it has let through and refused."""

    def __init__(self) -> None:
        from _thread import _local  # what threading.local is, without all the rest

        self._here = _local()
        self._strict = False
        self._closed = False

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        sys.addaudithook(self._hook)
        if os.environ.get(STRICT):
            self.be_strict()

    def be_strict(self, strict: bool = True) -> None:
        """From now on only what our guard has admitted is reached from here."""
        self._strict = strict
        from monitor.guard import Guard

        if getattr(Guard, "watched_by_seal", None):
            return
        admit, connect = Guard.admit, Guard.connect

        def watched_admit(guard: Guard, name: str, address: str, port: int) -> None:
            admit(guard, name, address, port)
            self._admitted().add((address.partition("%")[0], port))

        def watched_connect(*args: Any, **kwargs: Any) -> Any:
            try:
                return connect(*args, **kwargs)
            finally:
                self._admitted().clear()  # it counts for this connection alone

        Guard.admit = watched_admit  # type: ignore[method-assign,assignment]
        Guard.connect = watched_connect  # type: ignore[method-assign]
        Guard.watched_by_seal = True  # type: ignore[attr-defined]

    def _admitted(self) -> set[tuple[str, int]]:
        if not hasattr(self._here, "admitted"):
            self._here.admitted = set()
        found: set[tuple[str, int]] = self._here.admitted
        return found

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _WATCHED or getattr(self._here, "asking", False):
            return
        self._here.asking = True
        try:
            sys.audit(
                event, *arguments
            )  # the hooks that came after this one are asked first: ours among them
            attempt = _attempt(event, arguments)
            if attempt is not None and not self._may(attempt):
                _write_down(attempt)
                raise PermissionError(f"a test reached for {attempt.host}")
        finally:
            self._here.asking = False

    def _may(self, attempt: Attempt) -> bool:
        if attempt.event in _LOOKS_UP:
            return is_spelled_out(attempt.host) or attempt.host in ("", "localhost", _own_name())
        if not _is_loopback(attempt.host):
            return False
        admitted = self._admitted()
        if self._strict and (attempt.host, attempt.port) not in admitted:
            return False
        admitted.discard((attempt.host, attempt.port))
        return True


def take() -> list[Attempt]:
    """What was refused in this process and its children since this was last asked."""
    path = os.environ[FILE]
    if not os.path.exists(path) or not os.path.getsize(path):
        return []
    with open(path, "r+", encoding="utf-8") as file:
        lines = file.read().splitlines()
        file.truncate(0)
    return [Attempt(event, host, int(port)) for event, host, port in (line.split("\t") for line in lines)]


def _attempt(event: str, arguments: tuple[Any, ...]) -> Attempt | None:
    """Where that leads; None: to no address of the internet."""
    if event in _LOOKS_UP:
        host = arguments[0]
        return Attempt(event, host.decode() if isinstance(host, bytes) else str(host or ""), 0)
    import _socket

    made, address = arguments
    if made.family not in (_socket.AF_INET, _socket.AF_INET6) or not isinstance(address, tuple):
        return None
    return Attempt(event, str(address[0]).partition("%")[0], int(address[1]))


def _is_loopback(host: str) -> bool:
    from ipaddress import IPv6Address, ip_address

    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def is_spelled_out(host: str) -> bool:
    """Whether that is an address in any spelling, or no name at all: nobody has to be asked for it."""
    import _socket

    try:
        plain = host.encode("idna").decode()
    except UnicodeError:
        return True
    for family in (_socket.AF_INET, _socket.AF_INET6):
        try:
            _socket.inet_pton(family, plain.partition("%")[0])
            return True
        except (OSError, ValueError):
            continue
    try:
        _socket.inet_aton(plain)
    except OSError:
        return False
    except ValueError:  # a zero within it, where the system takes the name to end
        return is_spelled_out(plain.partition("\0")[0])
    return True


def _own_name() -> str:
    import _socket

    return _socket.gethostname()


def _write_down(attempt: Attempt) -> None:
    words = (attempt.event, attempt.host.encode("ascii", "backslashreplace").decode(), str(attempt.port))
    with open(os.environ[FILE], "a", encoding="utf-8") as file:
        file.write("\t".join(" ".join(word.split()) for word in words) + "\n")


# A process that was started under it has it already, and imports this file again by its full name.
SEAL: Seal = getattr(sys.modules.get("sitecustomize"), "SEAL", None) or Seal()
if os.environ.get(FILE):
    SEAL.close()
