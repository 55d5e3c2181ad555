"""Which addresses may be reached; asked at the socket by everything that connects.

An address is public or it is refused, however it is spelled and whatever name led to it. A name
is resolved once and the socket opens that very answer, so that no second look-up can differ.
Knows nothing of URLs, and of HTTP only on which ports it is never spoken.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable
from itertools import zip_longest

from monitor.allowance import Address, Network, parse_allowance
from monitor.errors import FetchError
from monitor.lookup import Answer, Resolver, in_words, resolve_with_limit
from storage.records import FetchProblem

__all__ = ["NOT_FOR_HTTP", "Answer", "Guard", "Resolver", "is_public", "resolve_with_limit", "worth_trying"]

# Whatever the Python we run on calls global: these are not the public web.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
        "192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 "
        "240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
    ).split()
)
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # of IPv6 all that the public has (RFC 4291, 2.4)

# What listens there speaks something else, and might take a request for that: the ports that browsers refuse
# (https://fetch.spec.whatwg.org/#port-blocking), and those of the usual databases. All others stay open:
# there are outlets on odd ports.
NOT_FOR_HTTP = frozenset(
    map(
        int,
        (
            "1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 "
            "119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 "
            "636 989 990 993 995 1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 "
            "6697 10080 1433 1521 3306 5432 6379 11211 27017"
        ).split(),
    )
)

_DNS_SECONDS = 5.0
_MOST_TRIES = 4


class Guard:
    """:param allow: openings for one purpose, as ``host:port``, an address or a network.
    :param never: what stays closed whatever is allowed: where we listen ourselves, as host and port.
    :param closed: ports that only an opening which names them opens.
    """

    def __init__(
        self,
        allow: Iterable[str] = (),
        never: Iterable[tuple[str, int]] = (),
        resolve: Resolver | None = None,
        *,
        closed: frozenset[int] = NOT_FOR_HTTP,
    ) -> None:
        self._allowances = tuple(parse_allowance(text) for text in allow)
        self._never = tuple(never)
        self._resolve = resolve or resolve_with_limit
        self._closed = closed

    def admit(self, name: str, address: str, port: int) -> None:
        """Let this address through, or refuse.

        :raises FetchError: REFUSED_ADDRESS.
        """
        judged = _plain(ipaddress.ip_address(address.partition("%")[0]))
        reason = self._reason(name, judged, port)
        if reason is not None:
            raise FetchError(FetchProblem.REFUSED_ADDRESS, reason, transient=False)

    def _reason(self, name: str, judged: Address, port: int) -> str | None:
        """Why this address is refused, in a sentence; None: it is not."""
        if any(port == own_port and _is_ours(judged, host) for host, own_port in self._never):
            return f"{name} leads to {judged}, and port {port} there is our own."
        opened = [allowed for allowed in self._allowances if allowed.admits(name, judged, port)]
        opening = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        remedy = f'allow_private = ["{opening}"] would let it through'
        if not opened and not is_public(judged):
            return f"{name} leads to {judged}, which is not a public address; {remedy}."
        if port in self._closed and all(allowed.port is None for allowed in opened):
            return f"Port {port} of {name} is that of another service than the web; {remedy}."
        return None

    def addresses(self, name: str, port: int, timeout: float) -> list[Answer]:
        """What ``name`` leads to, looked up once and every answer judged; nothing is connected.

        :raises FetchError: DNS or REFUSED_ADDRESS.
        """
        name = _bare(name)
        answers = self._resolve(name, port, min(timeout, _DNS_SECONDS))
        for _family, (address, _port) in answers:
            self.admit(name, address, port)
        return answers

    def connect(
        self, name: str, port: int, timeout: float, opened: Callable[[socket.socket], None] | None = None
    ) -> socket.socket:
        """A connected TCP socket to ``name``: one look-up, every answer judged, a few of them tried and
        the first that answers taken, its peer judged again.

        :param opened: told of each socket before it connects.
        :raises FetchError: DNS, REFUSED_ADDRESS or CONNECT.
        """
        name = _bare(name)
        ends = time.monotonic() + timeout
        tries = worth_trying(self.addresses(name, port, timeout))
        failure: OSError | None = None
        for place, (family, (address, _port)) in enumerate(tries):
            share = (ends - time.monotonic()) / (len(tries) - place)
            try:
                return self._open(family, name, address, port, share, opened)
            except OSError as error:
                failure = error
        raise FetchError(FetchProblem.CONNECT, f"{name}:{port} cannot be reached: {in_words(failure)}.")

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
    if address.version == 6 and address not in _GIVEN_OUT:
        return False
    return address.is_global and not any(
        address.version == net.version and address in net for net in _NOT_PUBLIC
    )


def worth_trying(answers: Iterable[Answer]) -> list[Answer]:
    """A few of these answers, the families in turn (RFC 8305, 4): a name may have hundreds of addresses, and
    a machine only one of the families."""
    families: dict[socket.AddressFamily, list[Answer]] = {}
    for answer in dict.fromkeys(answers):
        families.setdefault(answer[0], []).append(answer)
    turns = zip_longest(*families.values())
    return [answer for turn in turns for answer in turn if answer is not None][:_MOST_TRIES]


# ---------------------------------------------------------------------- addresses


def _is_ours(address: Address, host: str) -> bool:
    """Whether what listens at ``host`` on this machine can be reached at that address."""
    for form in _forms(address):
        if form.is_loopback or form.is_unspecified:
            return True
        if not _is_loopback(host) and (form.is_link_local or _is_this_machine(form)):
            return True
    return False


def _forms(address: Address) -> list[Address]:
    """That address, and the IPv4 address that a gateway may find in it."""
    forms = [address]
    if isinstance(address, ipaddress.IPv6Address):
        forms += filter(None, (address.sixtofour, *(address.teredo or ())))
        if address not in _GIVEN_OUT:  # ::/96, SIIT, NAT64
            forms.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return forms


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _is_this_machine(address: Address) -> bool:
    """Only an address of one's own can be bound to; nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as tried:
            tried.bind((str(address), 0))
    except OSError:
        return False
    return True


def _bare(name: str) -> str:
    return name.strip("[]").lower().rstrip(".")


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
