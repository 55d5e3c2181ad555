"""The delivery process: what Apprise does there asks the guard, and what is not asked for does not happen."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import syslog
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessPool

from monitor.courier import carry
from tests.servers import Scripted, http, redirect


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        running.on("/hook", http(200, b"ok"))
        yield running


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Scripted]:
    """Where nothing is meant to go."""
    with Scripted() as running:
        yield running


@pytest.fixture(scope="module")
def process(elsewhere: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Calls a function in a delivery process, in whose surroundings there are proxies and passwords."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login planted password planted-secret\n")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            patch.setenv(name, elsewhere.url())
        patch.setenv("NO_PROXY", "")
        patch.setenv("HOME", str(home))
        patch.setenv("NETRC", str(home / ".netrc"))
        pool = ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn"))
        pool.schedule(os.getpid).result(60)
    with pool:
        yield lambda function, *args: pool.schedule(function, args=args).result(60)
        pool.stop()  # type: ignore[no-untyped-call]


def message(process: Callable[..., Any], url: str, *allow: str) -> str | None:
    said: str | None = process(carry, url, allow, "A number changed", "Seven became eight.")
    return said


def test_proxies_and_passwords_of_the_environment_are_ignored(
    process: Callable[..., Any], server: Scripted, elsewhere: Scripted
) -> None:
    assert message(process, f"json://{server.host}/hook", server.host) is None
    (sent,) = server.requests
    assert "authorization" not in sent.headers
    assert elsewhere.requests == []


@pytest.mark.parametrize("scheme", ["json", "xml", "form"])
def test_no_redirect_is_followed(
    scheme: str, process: Callable[..., Any], server: Scripted, elsewhere: Scripted
) -> None:
    server.on("/moved", redirect(elsewhere.url("/hook"), 307))
    said = message(process, f"{scheme}://{server.host}/moved", server.host, elsewhere.host)
    assert said == "the receiver did not take the message"
    assert elsewhere.requests == []
    assert len(server.requests) == 1


def test_an_opening_by_name_opens_the_addresses_of_that_name(
    process: Callable[..., Any], server: Scripted
) -> None:
    url = f"json://localhost:{server.port}/hook"
    assert "not a public address" in (message(process, url) or "")
    assert server.requests == []
    assert message(process, url, f"localhost:{server.port}") is None
    assert len(server.requests) == 1


def test_an_opening_is_for_one_message(process: Callable[..., Any], server: Scripted) -> None:
    url = f"json://{server.host}/hook"
    assert message(process, url, server.host) is None
    assert "not a public address" in (message(process, url) or "")
    assert len(server.requests) == 1


def test_nothing_but_the_network_can_be_used(process: Callable[..., Any], tmp_path: Path) -> None:
    message(process, "json://127.0.0.1:9/")
    done = process(try_everything, str(tmp_path))
    assert done == dict.fromkeys(done, "refused")
    assert list(tmp_path.iterdir()) == [tmp_path / "socket"]


def try_everything(folder: str) -> dict[str, str]:
    """What each of these comes to in the delivery process."""
    made = os.path.join(folder, "made")
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    tcp, local = socket.socket(), socket.socket(socket.AF_UNIX)
    open(os.path.join(folder, "socket"), "w").close()
    ways: dict[str, Callable[[], object]] = {
        "connect": lambda: tcp.connect(("169.254.169.254", 80)),
        "connect_ex": lambda: tcp.connect_ex(("10.0.0.1", 80)),
        "connect to a name": lambda: tcp.connect(("localhost", 80)),
        "sendto": lambda: udp.sendto(b"x", ("192.168.1.1", 514)),
        "sendto, IPv6": lambda: udp6.sendto(b"x", ("fd00::1", 514)),
        "sendmsg": lambda: udp.sendmsg([b"x"], [], 0, ("10.0.0.1", 53)),
        "a socket of this machine": lambda: local.connect(os.path.join(folder, "socket")),
        "to listen": lambda: tcp.bind(("127.0.0.1", 0)),
        "a program": lambda: subprocess.run(["touch", made], check=False),
        "a shell": lambda: os.system(f"touch {made}"),  # noqa: S605
        "another program": lambda: os.posix_spawn("/bin/touch", ["touch", made], {}),
        "to become one": lambda: os.execv("/bin/touch", ["touch", made]),  # noqa: S606
        "the system's log": lambda: syslog.syslog("hello"),
    }
    found = {}
    for name, way in ways.items():
        try:
            found[name] = f"done: {way()}"
        except PermissionError:
            found[name] = "refused"
    for made_socket in (udp, udp6, tcp, local):
        made_socket.close()
    return found
