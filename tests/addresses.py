"""Where nobody may be led, in every spelling, and names that lead wherever they say, without anybody being asked."""

from __future__ import annotations

import ipaddress
import socket
import threading
from typing import Any

from tests.sealed.sitecustomize import is_spelled_out

NOT_PUBLIC = """
    127.0.0.1 0.0.0.0 10.0.0.1 169.254.169.254 100.64.0.1 100.100.100.200 192.0.0.192 192.88.99.1 198.18.0.1
    224.0.0.1 255.255.255.255 168.63.129.16 ::1 :: ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b:1::7f00:1 2002:7f00:1:: 2001:0:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1
    3fff::1 5f00::1 100::1 2001:20::1 172.16.0.1 192.168.1.1 169.254.170.2 192.0.2.1 203.0.113.1 240.0.0.1
    239.255.255.250 198.51.100.1 127.255.255.254 ::ffff:10.0.0.1 ::ffff:169.254.169.254
""".split()
PUBLIC = "93.184.216.34 8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001:80b::200e".split()

SPELLINGS = """
    2130706433 0x7f000001 0177.0.0.1 0x7f.1 127.1 0 0x7f.0.0.0x1 017700000001 [::ffff:7f00:1] [fe80::1%25lo] [::1]
    [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] 127.0.0.1. localhost localhost. LOCALHOST ①②⑦.⓪.⓪.① 127。0。0。1
    127.0.0.1%00.example.com %31%32%37.0.0.1 3232235777 0xc0.0xa8.1.1
""".split()

_SUFFIX = ".leads.example"
HANGS = f"hangs{_SUFFIX}"
UNKNOWN = f"unknown{_SUFFIX}"
FAILS = f"fails{_SUFFIX}"
LIKE_NIP_IO = f"127.0.0.1.nip{_SUFFIX}"
MANY = f"many{_SUFFIX}"
MANY_AND_ONE_BAD = f"many-and-one{_SUFFIX}"


def leads_to(*addresses: str, turns: str = "") -> str:
    """A name that has these addresses; with a word in ``turns`` the first of them at the first look-up, the
    next at the next."""
    labels = [f"{'v6' if ':' in address else 'v4'}-{_digits(address)}" for address in addresses]
    return ".".join([f"turns-{turns}", *labels] if turns else labels) + _SUFFIX


def in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class Names:
    """In place of ``socket.getaddrinfo``: what was asked, and answers that come from the name itself."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.let_go = threading.Event()
        self._system = socket.getaddrinfo

    def __call__(self, host: Any, port: Any, family: int = 0, type: int = 0, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not name.endswith(_SUFFIX):
            if name.lower().rstrip(".") == "localhost":
                name = "127.0.0.1"
            if not is_spelled_out(name):
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return self._system(name, port, family, type, flags=socket.AI_NUMERICHOST)
        self.asked.append(name)
        found = [_entry(address, int(port)) for address in self._addresses(name)]
        wanted = [entry for entry in found if family in (0, entry[0])]
        if not wanted:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return wanted

    def _addresses(self, name: str) -> list[str]:
        if name == HANGS:
            self.let_go.wait(20)
        if name in (UNKNOWN, FAILS, HANGS):
            number = socket.EAI_AGAIN if name == FAILS else socket.EAI_NONAME
            raise socket.gaierror(number, "Name or service not known")
        if name == LIKE_NIP_IO:
            return ["127.0.0.1"]
        if name in (MANY, MANY_AND_ONE_BAD):
            many = [f"8.8.{n}.8" for n in range(100)] + [f"2606:4700::{n:x}" for n in range(1, 101)]
            return [*many, "10.0.0.1"] if name == MANY_AND_ONE_BAD else many
        labels = name.removesuffix(_SUFFIX).split(".")
        if labels[0].startswith("turns-"):
            turn = min(self.asked.count(name), len(labels) - 1)
            return [_address(labels[turn])]
        try:
            return [_address(label) for label in labels]
        except ValueError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None


def _digits(address: str) -> str:
    return f"{int(ipaddress.ip_address(address)):x}"


def _address(label: str) -> str:
    kind, _, digits = label.partition("-")
    number = int(digits, 16)
    return str(ipaddress.IPv6Address(number) if kind == "v6" else ipaddress.IPv4Address(number))


def _entry(address: str, port: int) -> tuple[Any, ...]:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
