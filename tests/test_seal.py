"""The seal that every test is under: it holds, in children too, and cannot be overlooked."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from monitor.guard import Guard
from tests.sealed.sitecustomize import SEAL, Attempt

Attempts = Callable[[], list[Attempt]]

WAYS: dict[str, Callable[[], object]] = {
    "connect": lambda: socket.socket().connect(("198.51.100.7", 80)),
    "connect_ex": lambda: socket.socket().connect_ex(("198.51.100.7", 80)),
    "connect, IPv6": lambda: socket.socket(socket.AF_INET6).connect(("2606:4700:4700::1111", 80)),
    "create_connection": lambda: socket.create_connection(("198.51.100.7", 80), 1),
    "sendto": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.7", 53)),
    "sendmsg": lambda: socket.socket(type=socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("198.51.100.7", 53)),
    "getaddrinfo": lambda: socket.getaddrinfo("news.example", 80),
    "gethostbyname": lambda: socket.gethostbyname("news.example"),
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_leaves_this_machine_is_refused_and_written_down(
    way: Callable[[], object], attempts: Attempts
) -> None:
    with suppress(OSError):  # as the code under test may do
        way()
    (attempt,) = attempts()
    assert attempt.host in ("198.51.100.7", "2606:4700:4700::1111", "news.example")
    assert attempts() == []


def reach_out() -> None:
    with socket.socket() as made, suppress(OSError):
        made.connect(("198.51.100.7", 80))


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_is_sealed(method: str, attempts: Attempts) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as children:
        children.submit(reach_out).result(60)
    assert attempts() == [Attempt("socket.connect", "198.51.100.7", 80)]


def test_a_program_of_its_own_is_sealed(attempts: Attempts, tmp_path: Path) -> None:
    text = "import socket\ntry: socket.create_connection(('198.51.100.7', 80))\nexcept OSError: pass\n"
    subprocess.run([sys.executable, "-c", text], check=True, cwd=tmp_path)
    assert attempts() == [Attempt("socket.connect", "198.51.100.7", 80)]


def test_loopback_is_open(attempts: Attempts, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for host in ("127.0.0.1", "localhost", "127.0.0.1"):
            socket.create_connection((host, listener.getsockname()[1]), 5).close()
    with socket.socket(socket.AF_UNIX) as local, socket.socket(socket.AF_UNIX) as caller:
        local.bind(str(tmp_path / "s"))
        local.listen()
        caller.connect(str(tmp_path / "s"))
    assert attempts() == []


def test_a_strict_seal_opens_loopback_only_to_what_the_guard_let_through(attempts: Attempts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        SEAL.be_strict()
        try:
            Guard(["127.0.0.1"]).connect("127.0.0.1", port, 5.0).close()
            assert attempts() == []
            with pytest.raises(PermissionError):
                socket.create_connection(("127.0.0.1", port), 5)
        finally:
            SEAL.be_strict(False)
        assert attempts() == [Attempt("socket.connect", "127.0.0.1", port)]
        os.environ["WRITETHRU_SEAL_STRICT"] = "1"
        try:
            text = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
            done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False)
        finally:
            del os.environ["WRITETHRU_SEAL_STRICT"]
        assert done.returncode == 1
        assert attempts() == [Attempt("socket.connect", "127.0.0.1", port)]
