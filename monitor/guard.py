"""Which addresses may be reached; asked at the socket by everything that connects.

An address is public or it is refused, however it is spelled and whatever name led to it. A name
is resolved once and the socket opens that very answer, so that no second look-up can differ.
Knows nothing of URLs or HTTP.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable

from monitor.allowance import Address, Network, parse_allowance
from monitor.errors import FetchError
from storage.records import FetchProblem

Answer = tuple[socket.AddressFamily, tuple[str, int]]
Resolver = Callable[[str, int, float], list[Answer]]

# Python calls these global (or did in a version we support), and none of them is the public web.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24 192.88.99.0/24 224.0.0.0/4 168.63.129.16/32 64:ff9b::/96 64:ff9b:1::/48 2002::/16 "
        "2001::/23 fec0::/10 ff00::/8 3fff::/20 5f00::/16 ::/96 ::ffff:0:0:0/96"
    ).split()
)


class Guard:
    """:param allow: openings for one purpose, as ``host:port``, an address or a network.
    :param never: ports on this machine that stay closed whatever is allowed: our own.
    """

    def __init__(
        self, allow: Iterable[str] = (), never: Iterable[int] = (), resolve: Resolver | None = None
    ) -> None:
        self._allowances = tuple(parse_allowance(text) for text in allow)
        self._never = frozenset(never)
        self._resolve = resolve or resolve_with_limit

    def admit(self, name: str, address: str, port: int) -> None:
        """Let this address through, or refuse.

        :raises FetchError: REFUSED_ADDRESS.
        """
        judged = _plain(ipaddress.ip_address(address.partition("%")[0]))
        ours = port in self._never and (judged.is_loopback or judged.is_unspecified)
        open_to_all = is_public(judged)
        if not ours and (open_to_all or any(a.admits(name, judged, port) for a in self._allowances)):
            return
        opening = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        remedy = (
            f"port {port} of this machine is our own."
            if ours
            else f'allow_private = ["{opening}"] would let it through.'
        )
        raise FetchError(
            FetchProblem.REFUSED_ADDRESS,
            f"{name} leads to {judged}, which is not a public address; {remedy}",
            transient=False,
        )

    def addresses(self, name: str, port: int, timeout: float) -> list[Answer]:
        """What ``name`` leads to, looked up once and every answer judged; nothing is connected.

        :raises FetchError: DNS or REFUSED_ADDRESS.
        """
        name = _bare(name)
        answers = self._resolve(name, port, timeout)
        for _family, (address, _port) in answers:
            self.admit(name, address, port)
        return answers

    def connect(
        self, name: str, port: int, timeout: float, opened: Callable[[socket.socket], None] | None = None
    ) -> socket.socket:
        """A connected TCP socket to ``name``: one look-up, every answer judged, the first that
        answers taken, and its peer judged again.

        :param opened: told of each socket before it connects.
        :raises FetchError: DNS, REFUSED_ADDRESS or CONNECT.
        """
        name = _bare(name)
        ends = time.monotonic() + timeout
        answers = self.addresses(name, port, timeout)
        failure: OSError | None = None
        for family, (address, _port) in answers:
            try:
                return self._open(family, name, address, port, ends - time.monotonic(), opened)
            except OSError as error:
                failure = error
        raise FetchError(FetchProblem.CONNECT, f"{name}:{port} cannot be reached: {_words(failure)}.")

    def _open(
        self,
        family: socket.AddressFamily,
        name: str,
        address: str,
        port: int,
        timeout: float,
        opened: Callable[[socket.socket], None] | None,
    ) -> socket.socket:
        """A socket connected to that very address."""
        if timeout <= 0:
            raise TimeoutError("timed out")
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(timeout)
            if opened is not None:
                opened(made)
            made.connect((address, port))
            self.admit(name, made.getpeername()[0], port)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            made.close()
            raise
        return made


def is_public(address: Address) -> bool:
    """Whether that address is on the public web."""
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address.version == net.version and address in net for net in _NOT_PUBLIC)


def resolve_with_limit(name: str, port: int, timeout: float) -> list[Answer]:
    """All addresses of ``name``, looked up once; getaddrinfo cannot be interrupted, so a look-up
    that takes too long is left to end by itself.

    :raises FetchError: DNS.
    """
    found: list[Answer] = []
    failure: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            for family, _type, _proto, _name, address in socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM
            ):
                found.append((family, (str(address[0]), port)))
        except (OSError, UnicodeError) as error:
            failure.append(error)

    thread = threading.Thread(target=look_up, name=f"dns {name}", daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise FetchError(FetchProblem.DNS, f"Looking up {name} took longer than {timeout:.0f} s.")
    if failure or not found:
        reason = _words(failure[0]) if failure else "no address"
        raise FetchError(FetchProblem.DNS, f"The name {name} cannot be looked up: {reason}.")
    return found


def _bare(name: str) -> str:
    return name.strip("[]").lower().rstrip(".")


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _words(error: BaseException | None) -> str:
    return str(getattr(error, "strerror", None) or error or "no answer").rstrip(".").lower()
