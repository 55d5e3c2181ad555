"""Openings in the address guard, as a configuration writes them. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Allowance:
    """One opening in the guard: a network or a name, on one port or on every port (None)."""

    network: Network | None
    name: str | None
    port: int | None

    def admits(self, name: str, address: Address, port: int) -> bool:
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return address.version == self.network.version and address in self.network
        return name == self.name


def parse_allowance(text: str) -> Allowance:
    """Read ``host:port``, an address or a network.

    :raises ValueError: it is none of these.
    """
    try:
        return Allowance(ipaddress.ip_network(text, strict=False), None, None)
    except ValueError:
        host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"'{text}' is not host:port, an address or a network")
    host = host.strip("[]").lower()
    try:
        return Allowance(ipaddress.ip_network(host), None, int(port))
    except ValueError:
        return Allowance(None, host, int(port))
