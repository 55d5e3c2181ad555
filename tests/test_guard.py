"""The guard's promises: an address is public or it is refused, and nothing is sent before it is judged."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.allowance import parse_allowance
from monitor.errors import FetchError
from monitor.guard import Answer, Guard, Resolver, is_public, resolve_with_limit
from storage.records import FetchProblem

NOT_PUBLIC = """
    127.0.0.1 0.0.0.0 10.0.0.1 169.254.169.254 100.64.0.1 100.100.100.200 192.0.0.192 192.88.99.1 198.18.0.1
    224.0.0.1 255.255.255.255 168.63.129.16 ::1 :: ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
    64:ff9b:1::7f00:1 2002:7f00:1:: 2001:0:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1
    3fff::1 5f00::1 100::1 2001:20::1 172.16.0.1 192.168.1.1 169.254.170.2 192.0.2.1 203.0.113.1 240.0.0.1
    239.255.255.250 198.51.100.1 127.255.255.254 ::ffff:10.0.0.1 ::ffff:169.254.169.254 fe80::1%lo
""".split()
PUBLIC = "93.184.216.34 8.8.8.8 1.1.1.1 172.15.255.255 172.32.0.1 2606:4700:4700::1111 2a00:1450:4001:80b::200e".split()
PRIVATE_NETWORKS = "10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10".split()


class Recorder:
    """A resolver that gives out prepared answers, one list a look-up, and remembers who asked for what."""

    def __init__(self, *answers: list[str]) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)

    def __call__(self, name: str, port: int, timeout: float) -> list[Answer]:
        self.asked.append(name)
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [answer(address, port) for address in found]


def answer(address: str, port: int) -> Answer:
    return (socket.AF_INET6 if ":" in address else socket.AF_INET), (address, port)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where sockets were told to connect to; none of them gets anywhere."""
    targets: list[Any] = []

    def connect(_self: socket.socket, target: Any) -> None:
        targets.append(target)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    return targets


def problem_of(guard: Guard, name: str, port: int = 80) -> FetchProblem:
    with pytest.raises(FetchError) as caught:
        guard.connect(name, port, 1.0)
    assert str(caught.value).endswith(".")
    return caught.value.problem


# ---------------------------------------------------------------------- what is public


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused_and_nothing_is_sent(
    address: str, connected: list[Any]
) -> None:
    guard = Guard(resolve=Recorder([address]))
    assert problem_of(guard, "news.example") is FetchProblem.REFUSED_ADDRESS
    assert problem_of(guard, "news.example", 443) is FetchProblem.REFUSED_ADDRESS
    assert connected == []


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str, connected: list[Any]) -> None:
    assert is_public(ipaddress.ip_address(address))
    assert problem_of(Guard(resolve=Recorder([address])), "news.example") is FetchProblem.CONNECT
    assert connected == [(address, 80)]


@given(st.sampled_from(PRIVATE_NETWORKS).flatmap(lambda network: st.ip_addresses(network=network)))
def test_a_private_address_stays_private_in_whatever_it_is_wrapped(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    wrapped = [
        ipaddress.IPv6Address(number),
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0xFFFF << 48 | number),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
        ipaddress.IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
    ]
    for form in (address, *wrapped):
        with pytest.raises(FetchError):
            Guard().admit("news.example", str(form), 80)


# ---------------------------------------------------------------------- spellings


SPELLINGS = """
    2130706433 0x7f000001 0177.0.0.1 0x7f.1 127.1 0 0x7f.0.0.0x1 017700000001 [::ffff:7f00:1] [::1] [fe80::1%lo]
    127.0.0.1. 127.0.0.1
""".split()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_local_address_gets_past(spelling: str, connected: list[Any]) -> None:
    found = problem_of(Guard(), spelling)
    assert found in (FetchProblem.REFUSED_ADDRESS, FetchProblem.DNS)
    assert connected == []


@pytest.mark.parametrize("spelling", ["localhost", "localhost.", "LOCALHOST", "Localhost."])
def test_a_name_is_looked_up_in_one_form(spelling: str, connected: list[Any]) -> None:
    lookups = Recorder(["127.0.0.1"])
    assert problem_of(Guard(resolve=lookups), spelling) is FetchProblem.REFUSED_ADDRESS
    assert lookups.asked == ["localhost"]
    assert connected == []


@pytest.mark.parametrize(
    "name", ["x" * 300, "example..com", "①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1\0.example.com", "\ud800"]
)
def test_a_name_that_is_none_is_refused_or_unknown(name: str, connected: list[Any]) -> None:
    assert problem_of(Guard(), name) in (FetchProblem.REFUSED_ADDRESS, FetchProblem.DNS)
    assert connected == []


# ---------------------------------------------------------------------- answers of the resolver


@pytest.mark.parametrize(
    "answers",
    [
        ["93.184.216.34", "10.0.0.1"],
        ["10.0.0.1", "93.184.216.34"],
        ["93.184.216.34", "::1"],
        ["93.184.216.34", "2606:4700:4700::1111", "fe80::1"],
    ],
)
def test_one_bad_answer_among_good_ones_refuses_them_all(answers: list[str], connected: list[Any]) -> None:
    assert problem_of(Guard(resolve=Recorder(answers)), "news.example") is FetchProblem.REFUSED_ADDRESS
    assert connected == []


def test_a_connection_takes_one_look_up_and_opens_what_was_judged(connected: list[Any]) -> None:
    lookups = Recorder(["93.184.216.34"], ["127.0.0.1"])
    guard = Guard(resolve=lookups)
    assert problem_of(guard, "rebind.example") is FetchProblem.CONNECT
    assert (lookups.asked, connected) == (["rebind.example"], [("93.184.216.34", 80)])
    assert problem_of(guard, "rebind.example") is FetchProblem.REFUSED_ADDRESS
    assert (len(lookups.asked), len(connected)) == (2, 1)


def test_the_peer_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[socket.socket] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *_: None)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("169.254.169.254", 80))
    with pytest.raises(FetchError) as caught:
        Guard(resolve=Recorder(["93.184.216.34"])).connect("news.example", 80, 1.0, opened.append)
    assert caught.value.problem is FetchProblem.REFUSED_ADDRESS
    assert [made.fileno() for made in opened] == [-1]


def test_the_next_address_is_tried_where_one_does_not_answer(connected: list[Any]) -> None:
    lookups = Recorder(["93.184.216.34", "2606:4700:4700::1111", "8.8.8.8"])
    assert problem_of(Guard(resolve=lookups), "news.example") is FetchProblem.CONNECT
    assert [target[0] for target in connected] == ["93.184.216.34", "2606:4700:4700::1111", "8.8.8.8"]


def test_an_address_family_that_this_machine_lacks_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def both(name: str, port: int, timeout: float) -> list[Answer]:
            return [(socket.AF_APPLETALK, ("127.0.0.1", port)), (socket.AF_INET, ("127.0.0.1", port))]

        with Guard(["127.0.0.1"], resolve=both).connect("news.example", port, 2.0) as made:
            assert made.getpeername() == ("127.0.0.1", port)


@pytest.mark.parametrize(
    "failure", [socket.gaierror(-2, "Name or service not known"), UnicodeError("no label")]
)
def test_a_look_up_that_fails_is_a_dns_problem(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert problem_of(Guard(), "nowhere.example") is FetchProblem.DNS


def test_a_look_up_that_finds_nothing_is_a_dns_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    assert problem_of(Guard(), "nowhere.example") is FetchProblem.DNS


def test_a_look_up_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        ended.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(FetchError, match="took longer"):
        resolve_with_limit("slow.example", 80, 0.1)
    ended.set()


# ---------------------------------------------------------------------- openings


OPENINGS = [
    # what is allowed, name, address, port, let through?
    ("127.0.0.1", "localhost", "127.0.0.1", 8000, True),
    ("127.0.0.1", "localhost", "::ffff:127.0.0.1", 8000, True),
    ("127.0.0.1", "localhost", "127.0.0.2", 8000, False),
    ("127.0.0.1", "localhost", "::1", 8000, False),
    ("127.0.0.1:8000", "localhost", "127.0.0.1", 8000, True),
    ("127.0.0.1:8000", "localhost", "127.0.0.1", 8001, False),
    ("::1", "localhost", "::1", 80, True),
    ("[::1]:8000", "localhost", "::1", 8000, True),
    ("[::1]:8000", "localhost", "::1", 80, False),
    ("192.168.1.0/24", "intranet", "192.168.1.77", 443, True),
    ("192.168.1.77/24", "intranet", "192.168.1.1", 443, True),
    ("192.168.1.0/24", "intranet", "192.168.2.1", 443, False),
    ("fd00::/8", "intranet", "fd12::1", 443, True),
    ("intranet:8080", "intranet", "10.1.2.3", 8080, True),
    ("Intranet:8080", "intranet", "10.1.2.3", 8080, True),
    ("intranet:8080", "intranet", "10.1.2.3", 80, False),
    ("intranet:8080", "elsewhere", "10.1.2.3", 8080, False),
    ("intranet:8080", "intranet.example", "10.1.2.3", 8080, False),
]


@pytest.mark.parametrize(("opening", "name", "address", "port", "through"), OPENINGS)
def test_an_opening_lets_through_what_it_names_and_nothing_else(
    opening: str, name: str, address: str, port: int, *, through: bool
) -> None:
    guard = Guard([opening])
    if through:
        guard.admit(name, address, port)
    else:
        with pytest.raises(FetchError):
            guard.admit(name, address, port)
    guard.admit("news.example", "93.184.216.34", 80)


@pytest.mark.parametrize(
    "text", ["", "intranet", "intranet:", ":80", "intranet:0", "intranet:65536", "a:b", "10.0.0.0/33"]
)
def test_what_is_no_opening_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port, an address or a network"):
        parse_allowance(text)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"])  # noqa: S104
def test_our_own_port_stays_closed_whatever_is_allowed(address: str) -> None:
    guard = Guard(["0.0.0.0/0", "::/0", "localhost:8420"], never=[("127.0.0.1", 8420)])
    guard.admit("localhost", address, 8421)
    with pytest.raises(FetchError) as caught:
        guard.admit("localhost", address, 8420)
    assert caught.value.problem is FetchProblem.REFUSED_ADDRESS
    assert not caught.value.transient
    assert "allow_private" not in str(caught.value), "it would not help"


@pytest.mark.parametrize(
    ("name", "address"), [("intranet", "10.1.2.3"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")]
)
def test_a_refusal_says_how_to_let_it_through(name: str, address: str) -> None:
    with pytest.raises(FetchError) as caught:
        Guard().admit(name, address, 8080)
    advice = re.search(r'allow_private = \["(.*)"\]', str(caught.value))
    assert advice is not None
    Guard([advice[1]]).admit(name, address, 8080)


# ---------------------------------------------------------------------- a real connection


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_connection_is_opened_and_watched_before_it_connects(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    states: list[bool] = []

    def watch(made: socket.socket) -> None:
        with pytest.raises(OSError, match="not connected"):
            made.getpeername()
        states.append(True)

    with Guard(["127.0.0.1"]).connect("127.0.0.1", port, 2.0, watch) as made:
        assert made.getpeername() == ("127.0.0.1", port)
    assert states == [True]


def test_without_an_opening_the_same_connection_is_refused(listener: socket.socket) -> None:
    lookups: Callable[..., Any] | Resolver = Recorder(["127.0.0.1"])
    assert (
        problem_of(Guard(resolve=lookups), "localhost", listener.getsockname()[1])
        is FetchProblem.REFUSED_ADDRESS
    )
    listener.settimeout(0.05)
    with pytest.raises(TimeoutError):
        listener.accept()
