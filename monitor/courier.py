"""The delivery process: what Apprise does there, and what it may not.

Apprise brings sockets of its own. So it runs in a process in which every connection asks the guard first,
no program is started, and neither proxies nor passwords are taken from the surroundings. Knows nothing of
deliveries: it is given an address and a text.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from monitor.allowance import parse_allowance
from monitor.errors import FetchError
from monitor.guard import Guard
from monitor.lookup import resolve_with_limit

_REACHES_OUT = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LEAVES_THE_PROCESS = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile",
    "pty.spawn", "syslog.", "socket.bind",
)  # fmt: skip
_LOOK_UP_SECONDS = 2.0


def carry(url: str, allow: Iterable[str], subject: str, text: str) -> str | None:
    """Let Apprise send that text; what went wrong in words, None: nothing.

    :param allow: openings in the guard for this message.
    """
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["NETRC"] = os.devnull  # or its passwords would be sent along

    import apprise  # slow to load, and loaded in the delivery process alone

    _SEAL.close(Guard(_by_address(allow), closed=frozenset()))
    asset = apprise.AppriseAsset(http_redirects=False)
    target = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if target is None:
        return "this is not an address that a message can be sent to"
    sender = apprise.Apprise(
        asset=asset
    )  # which, unlike the target alone, escapes the text for what it takes
    sender.add(target)
    sent = sender.notify(body=text, title=subject, body_format=apprise.NotifyFormat.TEXT)
    return None if sent else "; ".join(_SEAL.refused) or "the receiver did not take the message"


def _by_address(allow: Iterable[str]) -> list[str]:
    """These openings, and those by name for each address that the name has: a socket is asked to connect to an
    address, and nobody then knows what it was called."""
    openings = list(allow)
    for opening in map(parse_allowance, list(openings)):
        if opening.name is None or opening.port is None:
            continue
        try:
            found = resolve_with_limit(opening.name, opening.port, _LOOK_UP_SECONDS)
        except FetchError:
            continue  # then nothing of that name is reached either
        for _family, (address, port) in found:
            openings.append(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    return openings


class _Seal:
    """This process's audit hook. It cannot be taken out again, so there is one, and it is told whom to ask."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._guard: Guard | None = None

    def close(self, guard: Guard) -> None:
        """From now on nothing is reached that this guard does not admit."""
        self.refused = []
        if self._guard is None:
            sys.addaudithook(self._hook)
        self._guard = guard

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REACHES_OUT:
            self._judge(arguments[1])
        elif event.startswith(_LEAVES_THE_PROCESS):
            self._refuse(f"a message may not be sent by way of {event}")

    def _judge(self, address: Any) -> None:
        if address is None:
            return  # over a socket that was connected, and judged, before
        if not isinstance(address, tuple) or self._guard is None:
            self._refuse("a message must go over the network")
            return
        try:
            self._guard.admit(str(address[0]), str(address[0]), int(address[1]))
        except FetchError as error:
            self._refuse(str(error).rstrip("."))
        except ValueError:
            self._refuse(f"{address[0]} is a name, and only addresses are judged")

    def _refuse(self, sentence: str) -> None:
        self.refused.append(sentence)
        raise PermissionError(sentence)  # what a library expects of a socket


_SEAL = _Seal()
