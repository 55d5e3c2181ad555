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

from monitor import guard as guard_module
from monitor.allowance import parse_allowance
from monitor.errors import FetchError
from monitor.guard import NOT_FOR_HTTP, Answer, Guard, Resolver, is_public, resolve_with_limit
from storage.records import FetchProblem
from tests.addresses import NOT_PUBLIC, PUBLIC

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


@pytest.mark.parametrize("address", [*NOT_PUBLIC, "fe80::1%lo"])
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


def test_of_ipv6_only_what_is_given_out_is_public() -> None:
    for first in range(0x10000):
        address = ipaddress.IPv6Address(first << 112 | 1)
        if is_public(address):
            assert 0x2000 <= first < 0x4000


@given(st.ip_addresses())
def test_what_python_calls_private_is_not_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert address.is_global or not is_public(address)


# ---------------------------------------------------------------------- ports


@pytest.mark.parametrize("port", [22, 25, 53, 110, 465, 587, 6000, 6379, 11211])
def test_a_port_of_another_service_is_closed_unless_it_is_named(port: int, connected: list[Any]) -> None:
    lookups = Recorder(["93.184.216.34"])
    for allowed in ([], ["0.0.0.0/0"], ["news.example:80"], ["elsewhere.example:25"]):
        guard = Guard(allowed, resolve=lookups)
        assert problem_of(guard, "news.example", port) is FetchProblem.REFUSED_ADDRESS
    assert connected == []
    guard = Guard([f"news.example:{port}"], resolve=lookups)
    assert problem_of(guard, "news.example", port) is FetchProblem.CONNECT
    assert (
        problem_of(Guard(resolve=lookups, closed=frozenset()), "news.example", port) is FetchProblem.CONNECT
    )


@pytest.mark.parametrize("port", [80, 81, 443, 591, 3000, 5000, 8000, 8080, 8443, 8888, 9443, 50000])
def test_outlets_may_be_on_odd_ports(port: int, connected: list[Any]) -> None:
    assert port not in NOT_FOR_HTTP
    assert problem_of(Guard(resolve=Recorder(["8.8.8.8"])), "news.example", port) is FetchProblem.CONNECT


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


def test_look_ups_that_hang_do_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def look_up(name: str, port: int, **_: object) -> list[Any]:
        if name.startswith("hangs"):
            ended.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    before = threading.active_count()
    for number in range(200):
        with pytest.raises(FetchError, match="took longer"):
            resolve_with_limit(f"hangs-{number}.example", 80, 0.001)
    assert resolve_with_limit("healthy.example", 80, 5.0) == [answer("8.8.8.8", 80)]
    with pytest.raises(FetchError, match="must wait"):
        resolve_with_limit("hangs-7.example", 80, 5.0)  # at once: one thread for each name
    for number in range(200, 300):
        with pytest.raises(FetchError) as caught:
            resolve_with_limit(f"hangs-{number}.example", 80, 0.001)
        assert caught.value.problem is FetchProblem.DNS
    assert threading.active_count() - before <= 256
    ended.set()
    assert resolve_with_limit("healthy.example", 80, 30.0) == [answer("8.8.8.8", 80)]
    assert resolve_with_limit("hangs-7.example", 80, 30.0) == [answer("8.8.8.8", 80)]


def test_a_look_up_has_a_limit_of_its_own(connected: list[Any]) -> None:
    limits: list[float] = []

    def resolve(name: str, port: int, timeout: float) -> list[Answer]:
        limits.append(timeout)
        return [answer("8.8.8.8", port)]

    for timeout in (30.0, 2.0):
        with pytest.raises(FetchError):
            Guard(resolve=resolve).connect("news.example", 80, timeout)
    assert limits == [5.0, 2.0]


def test_of_many_addresses_a_few_are_tried_of_each_family_in_turn(connected: list[Any]) -> None:
    many = [f"2606:4700::{n:x}" for n in range(1, 101)] + [f"8.8.8.{n}" for n in range(1, 101)]
    assert problem_of(Guard(resolve=Recorder(many)), "news.example") is FetchProblem.CONNECT
    assert [target[0] for target in connected] == ["2606:4700::1", "8.8.8.1", "2606:4700::2", "8.8.8.2"]


def test_an_address_that_is_silent_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []

    def connect(made: socket.socket, _target: Any) -> None:
        waits.append(made.gettimeout())
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(FetchError):
        Guard(resolve=Recorder(["8.8.8.8", "1.1.1.1"])).connect("news.example", 80, 10.0)
    assert waits[0] == pytest.approx(5.0, abs=0.5)
    assert waits[1] == pytest.approx(10.0, abs=0.5)


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


OWN = ["192.168.1.5", "fd00::5", "93.184.216.34"]


@pytest.fixture
def own_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine has these addresses, and no other but loopback."""
    monkeypatch.setattr(guard_module, "_is_this_machine", lambda address: str(address) in OWN)


@pytest.mark.parametrize("host", ["192.168.1.5", "0.0.0.0", "::", "fd00::5", "desk.example"])  # noqa: S104
@pytest.mark.parametrize(
    "address",
    [
        *OWN, "127.0.0.1", "::1", "::ffff:192.168.1.5", "::192.168.1.5", "::ffff:0:192.168.1.5", "64:ff9b::c0a8:105",
        "2002:c0a8:105::", "fe80::5", "fe80::5%eth0", "0.0.0.0",  # noqa: S104
    ],
)  # fmt: skip
@pytest.mark.usefixtures("own_addresses")
def test_wherever_we_listen_we_are_closed_at_every_address_of_this_machine(host: str, address: str) -> None:
    guard = Guard(["0.0.0.0/0", "::/0", "desk.example:8420"], never=[(host, 8420)])
    with pytest.raises(FetchError, match="port 8420 there is our own"):
        guard.admit("desk.example", address, 8420)
    guard.admit("desk.example", address, 8421)


@pytest.mark.usefixtures("own_addresses")
def test_another_machine_and_another_service_of_this_one_stay_open() -> None:
    everything = ["0.0.0.0/0", "::/0"]
    Guard(everything, never=[("0.0.0.0", 8420)]).admit("news.example", "192.168.1.6", 8420)  # noqa: S104
    Guard(everything, never=[("0.0.0.0", 8420)]).admit("news.example", "8.8.8.8", 8420)  # noqa: S104
    for host in ("127.0.0.1", "::1", "localhost"):
        Guard(everything, never=[(host, 8420)]).admit("desk.example", "192.168.1.5", 8420)


def test_an_address_is_this_machines_own_where_it_can_be_bound_to() -> None:
    assert guard_module._is_this_machine(ipaddress.ip_address("127.0.0.1"))
    assert guard_module._is_this_machine(ipaddress.ip_address("::1"))
    assert not guard_module._is_this_machine(ipaddress.ip_address("203.0.113.254"))
    assert not guard_module._is_this_machine(ipaddress.ip_address("2001:db8::fe"))


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
