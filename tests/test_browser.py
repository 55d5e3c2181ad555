"""The promises of pages that are opened in a browser: what is read, what it may reach, and what cannot hold it up.

The browser is the real one. Whatever it is led to is on loopback, and a recorder listens there for what must
not arrive.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import monitor.browser as browsing
from monitor.browser import Browser, chromium, failures, glass, page, why_not
from monitor.errors import BrowserBusy, FetchError
from monitor.guard import Guard
from monitor.reader import read
from storage.records import FetchProblem, Redirect, Response, Validators, Verdict
from tests import newsdesk
from tests.headless import as_another_user, browser, needs_sandbox, runs_as_root
from tests.servers import Answer, Line, Scripted, head, http, redirect

pytestmark = pytest.mark.slow

SLACK = 3.0  # two busy cores: a promise is kept within the deadline and so much


@pytest.fixture(scope="module", autouse=True)
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> None:
    needs_sandbox(tmp_path_factory.mktemp("trial"))


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@pytest.fixture(scope="module")
def opened(server: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser"), server.host) as opened:
        yield opened


class Recorder:
    """Takes note of every connection and datagram that arrives at a port of loopback, and answers none."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        for wait in (self._connections, self._datagrams):
            threading.Thread(target=wait, daemon=True).start()

    def _connections(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._tcp.accept()[0].close()
                self.arrived.append("a connection")

    def _datagrams(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                if self._udp.recvfrom(2048)[0]:
                    self.arrived.append("a datagram")

    def close(self) -> None:
        for end in (self._tcp, self._udp):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.close()


def trouble(opened: Browser, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        opened.get(url)
    return caught.value


def process_of(opened: Browser) -> int | None:
    return opened._chromium.process if opened._chromium else None


def is_gone(process: int) -> bool:
    """Whether that process has ended; one that nobody has taken note of yet counts."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(what: str, true: object) -> None:
    ends = time.monotonic() + 15
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends, f"{what}: it never came true"
        time.sleep(0.05)


# ---------------------------------------------------------------------- what is read

STORY = newsdesk.page()
BUILT = """<!doctype html><html><head><meta charset="iso-8859-1"><title>The Quay</title></head><body>
<div id="root"></div><script>
fetch('{data}').then(answer => answer.text()).then(text => setTimeout(() => {{
  document.documentElement.innerHTML = new DOMParser().parseFromString(text, 'text/html').documentElement.innerHTML;
}}, 200));
</script></body></html>"""


def built(server: Scripted, path: str, *stories: str) -> str:
    """A page whose script brings these stories, one after the other."""
    data = server.on(f"{path}-data", *(http(200, story) for story in stories))
    return server.on(path, http(200, BUILT.format(data=data), kind="text/html; charset=iso-8859-1"))


def test_an_article_that_a_script_brings_is_read(server: Scripted, opened: Browser) -> None:
    response = opened.get(built(server, "/built", STORY))
    capture = read(response)
    assert (capture.verdict, response.status) == (Verdict.ARTICLE, 200)
    assert capture.extraction is not None
    assert capture.extraction.headline == "Harbour bridge closed after cracks are found"
    assert newsdesk.BODY[2] in capture.extraction.text  # with its curly quotes, whatever the page came in


def test_what_was_sent_stands_beside_what_was_seen(server: Scripted, opened: Browser) -> None:
    response = opened.get(built(server, "/beside", STORY), cookies="session=planted-secret; a=b")
    assert response.header("content-type") == "text/html; charset=iso-8859-1"
    assert response.browser is not None
    assert re.fullmatch(r"Chromium/[\d.]+", response.browser)
    assert dict(response.asked)["User-Agent"] == "Writethru/test (+desk@example.org)"
    assert dict(response.asked)["Cookie"] == "(withheld)"
    assert "planted-secret" not in repr(response)
    assert response.validators == Validators()  # a 304 would say nothing of what scripts bring
    sent = next(request for request in server.requests if request.target == "/beside")
    assert sent.headers["cookie"] == "session=planted-secret; a=b"
    assert sent.headers["user-agent"] == "Writethru/test (+desk@example.org)"


def test_the_picture_is_a_bounded_jpeg(server: Scripted, opened: Browser) -> None:
    noise = "<script>for (let i = 0; i < 3e4; i++) document.body.append(Math.random() + ' ')</script>"
    tall = server.on("/tall", http(200, f"<p>top<div style='height:60000px'></div>{noise}"))
    shot = opened.get(tall).screenshot
    assert shot is not None
    assert shot.startswith(b"\xff\xd8\xff")
    assert shot.endswith(b"\xff\xd9")
    assert len(shot) <= glass.SHOT_BYTES
    sof = re.search(rb"\xff[\xc0\xc2]..\x08(..)(..)", shot, re.DOTALL)
    assert sof is not None
    assert [int.from_bytes(each, "big") for each in sof.groups()] == [glass.SHOT_HEIGHT, glass.WIDTH]


def test_nothing_is_kept_from_one_page_to_the_next(server: Scripted, opened: Browser) -> None:
    marks = "document.cookie + localStorage.mark + (document.cookie = 'left=1', localStorage.mark = 'left')"
    url = server.on(
        "/marks", http(200, f"<p>x<script>document.body.append({marks})</script>", {"Set-Cookie": "c=1"})
    )
    seen = {re.sub(rb"<script>.*</script>", b"", opened.get(url).body) for _ in range(3)}
    assert len(seen) == 1
    assert all("cookie" not in request.headers for request in server.requests if request.target == "/marks")


def test_cookies_go_to_their_own_host_alone(server: Scripted, tmp_path: Path) -> None:
    with Scripted() as other, browser(tmp_path, server.host, f"localhost:{other.port}") as opened:
        elsewhere = f"http://localhost:{other.port}/pixel"
        other.on("/pixel", http(200, b"x"))
        url = server.on(
            "/cookies", http(200, f"<p>x<img src='{elsewhere}'><script>fetch('{elsewhere}')</script>")
        )
        opened.get(url, cookies="session=planted-secret")
        assert other.asked[:2] == ["/pixel", "/pixel"]
        assert not any("planted-secret" in str(request.headers) for request in other.requests)


def test_the_secret_of_the_proxy_is_told_to_no_server_that_asks_for_one(
    server: Scripted, opened: Browser
) -> None:
    asking = http(401, "<h1>Who are you?", {"WWW-Authenticate": 'Basic realm="writethru"'})
    asked = server.on("/asking", asking)
    assert opened.get(asked).status == 401
    opened.get(server.on("/around", http(200, f"<p>x<img src='{asked}'><script>fetch('{asked}')</script>")))
    assert server.asked.count("/asking") >= 2
    assert not any({"authorization", "proxy-authorization"} & set(each.headers) for each in server.requests)


def test_where_a_page_led_is_remembered(server: Scripted, opened: Browser) -> None:
    server.on("/end", http(200, STORY))
    script = server.on("/script", http(200, "<p>x<script>location = '/end#part'</script>"))
    response = opened.get(server.on("/start", redirect("/script", 301)))
    assert response.redirects == (
        Redirect(status=301, url=script),
        Redirect(status=200, url=server.url("/end")),
    )
    assert (response.url, response.final_url) == (server.url("/start"), server.url("/end"))


@pytest.mark.parametrize(
    ("answer", "status", "verdict"),
    [
        (http(404, "<h1>Nothing here"), 404, Verdict.GONE),
        (http(403, "<h1>Go away"), 403, Verdict.BLOCKED),
        (http(200, b"%PDF-1.7 ...", kind="application/pdf"), 200, Verdict.NOT_HTML),
        (http(200, b"PK\3\4 ...", kind="application/zip"), 200, Verdict.NOT_HTML),
        (http(200, b'{"a": 1}', kind="application/json"), 200, Verdict.NOT_HTML),
        (http(200, b"\x89PNG", kind="image/png"), 200, Verdict.NOT_HTML),
        (http(200, STORY, {"Content-Disposition": "attachment; filename=x.html"}), 200, Verdict.EMPTY),
        (http(200, "<div id='root'></div><script>1</script>"), 200, Verdict.EMPTY),
        (http(200, "<p>x<script>document.documentElement.remove()</script>"), 200, Verdict.EMPTY),
    ],
)
def test_what_is_no_article_is_said_to_be_none(
    server: Scripted, opened: Browser, answer: bytes, status: int, verdict: Verdict
) -> None:
    response = opened.get(server.on(f"/none-{verdict}", answer))
    capture = read(response)
    assert (response.status, capture.verdict) == (status, verdict)
    assert not any("is to fill" in reason for reason in capture.reasons)  # its scripts were run


def test_what_a_page_makes_out_of_nothing_is_not_taken_for_it(server: Scripted, opened: Browser) -> None:
    blob = "location = URL.createObjectURL(new Blob(['<p>made up'], {type: 'text/html'}))"
    url = server.on("/blob", http(200, f"<p>x<script>{blob}</script>"))
    assert trouble(opened, url).problem is FetchProblem.BAD_REDIRECT


# ---------------------------------------------------------------------- what it may reach

WAYS = """<!doctype html><html><head>
<link rel="preconnect" href="http://{to}/"><link rel="dns-prefetch" href="http://{to}/">
<link rel="prefetch" href="http://{to}/prefetch"><link rel="preload" as="script" href="http://{to}/preload">
<link rel="prerender" href="http://{to}/prerender"><link rel="manifest" href="http://{to}/manifest">
<link rel="stylesheet" href="http://{to}/style"><link rel="icon" href="http://{to}/icon">
<script type="speculationrules">{{"prefetch": [{{"source": "list", "urls": ["http://{to}/spec"]}}]}}</script>
</head><body><p>x<img src="http://{to}/img"><img src="/away"><iframe src="http://{to}/frame"></iframe>
<video src="http://{to}/video" autoplay></video><object data="http://{to}/object"></object>
<embed src="http://{to}/embed"><script src="http://{to}/script"></script>
<img src="http://localhost:{port}/name"><img src="http://[::ffff:127.0.0.1]:{port}/mapped">
<img src="http://0x7f.1:{port}/spelled"><img src="https://{to}/tls"><a ping="http://{to}/ping" href="#">a</a>
<form id="f" method="post" target="t" action="http://{to}/form"></form><iframe name="t"></iframe>
<script>
const quietly = f => {{ try {{ const p = f(); if (p && p.catch) p.catch(() => 0); }} catch (e) {{}} }};
quietly(() => fetch('http://{to}/fetch', {{mode: 'no-cors'}}));
quietly(() => fetch('http://{to}/keepalive', {{mode: 'no-cors', keepalive: true}}));
quietly(() => navigator.sendBeacon('http://{to}/beacon', 'x'));
quietly(() => new WebSocket('ws://{to}/socket'));
quietly(() => new WebSocket('wss://{to}/socket'));
quietly(() => new EventSource('http://{to}/events'));
quietly(() => new WebTransport('https://{to}/transport').ready);
quietly(() => {{ const r = new XMLHttpRequest(); r.open('GET', 'http://{to}/xhr'); r.send(); }});
quietly(() => new Worker(URL.createObjectURL(new Blob(["importScripts('http://{to}/worker')"]))));
quietly(() => navigator.serviceWorker.register('/service.js'));
quietly(() => window.open('http://{to}/popup'));
quietly(() => document.getElementById('f').submit());
quietly(() => document.querySelector('a').click());
quietly(() => {{
  const c = new RTCPeerConnection({{iceServers: [
    {{urls: 'stun:{to}'}}, {{urls: 'turn:{to}?transport=tcp', username: 'a', credential: 'b'}}]}});
  c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o));
}});
</script></body></html>"""
SEEN_REFUSED = """prefetch preload style img frame video object script name mapped spelled fetch keepalive beacon events
xhr worker popup form""".split()


def test_no_way_out_of_a_page_leads_past_the_guard(
    server: Scripted, tmp_path: Path, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "writethru.browser")
    to = f"127.0.0.1:{recorder.port}"
    server.on("/away", redirect(f"http://{to}/led"))
    server.on("/service.js", http(200, f"fetch('http://{to}/service')", kind="text/javascript"))
    url = server.on("/ways", http(200, WAYS.format(to=to, port=recorder.port)))
    with browser(tmp_path, server.host) as opened:
        opened.get(url)
        time.sleep(1)
    assert recorder.arrived == []
    refused = {found[1] for found in re.finditer(r"a page may not: http://[^/]+/(\w+)", caplog.text)}
    assert set(SEEN_REFUSED) | {"led"} <= refused  # each was tried, and came to the proxy
    assert f"a page may not: {to}: " in caplog.text  # wss and https, by their tunnels
    assert "/service.js" not in server.asked


@pytest.mark.parametrize("way", ["asked for", "redirected to", "led to by a script", "led to by a meta tag"])
def test_a_page_at_a_refused_address_is_refused(
    server: Scripted, opened: Browser, recorder: Recorder, way: str
) -> None:
    to = f"http://127.0.0.1:{recorder.port}/"
    url = {
        "asked for": lambda: to,
        "redirected to": lambda: server.on("/led", redirect(to)),
        "led to by a script": lambda: server.on(
            "/led-js", http(200, f"<p>x<script>location = '{to}'</script>")
        ),
        "led to by a meta tag": lambda: server.on(
            "/led-meta", http(200, f'<meta http-equiv="refresh" content="0;url={to}"><p>x')
        ),
    }[way]()
    assert trouble(opened, url).problem is FetchProblem.REFUSED_ADDRESS
    assert recorder.arrived == []


def test_a_name_is_looked_up_by_the_guard_and_nobody_else(tmp_path: Path) -> None:
    looked_up = []

    def resolve(name: str, port: int, timeout: float) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        looked_up.append((name, port))
        return [(socket.AF_INET, ("10.0.0.1", port)), (socket.AF_INET, ("127.0.0.1", port))]

    with browser(tmp_path, guard=Guard(resolve=resolve)) as opened:
        for url in ("http://news.example/a", "https://news.example/a"):
            assert trouble(opened, url).problem is FetchProblem.REFUSED_ADDRESS
    assert set(looked_up) == {("news.example", 80), ("news.example", 443)}


def sockets_of(processes: list[int]) -> set[tuple[str, str]]:
    """The far ends of all sockets that these processes have, by protocol."""
    own = set()
    for process in processes:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{process}/fd"):
                with contextlib.suppress(OSError):
                    own.add(os.readlink(entry.path).removeprefix("socket:[").rstrip("]"))
    found = set()
    for kind in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in own:
                found.add((kind, words[2]))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="what sockets a process has is asked of /proc")
def test_by_itself_the_browser_speaks_to_our_proxy_alone_and_is_told_nothing(
    server: Scripted, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Looked at a hundred times a second, for as long as it takes to make its calls home."""
    caplog.set_level(logging.DEBUG, "writethru.browser")
    url = server.on("/quiet", http(200, "<p>x<script>setInterval(() => fetch('/quiet-data'), 50)</script>"))
    looked_up: list[str] = []

    def resolve(name: str, port: int, timeout: float) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
        looked_up.append(name)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    ends: set[tuple[str, str]] = set()
    with browser(tmp_path, guard=Guard([server.host], resolve=resolve)) as opened:
        done = threading.Event()

        def look() -> None:
            while not done.wait(0.01):
                if opened._chromium is not None:
                    ends.update(sockets_of(chromium._group(opened._chromium.process)))

        looking = threading.Thread(target=look)
        looking.start()
        opened.get(url)
        time.sleep(5)
        opened.get(url)
        done.set()
        looking.join()
        assert opened._proxy is not None
        port = int(opened._proxy.address.rpartition(":")[2])
    assert ends == {("tcp", f"0100007F:{port:04X}")}
    assert set(looked_up) == {"127.0.0.1"}
    errands = re.findall(r"without a secret: CONNECT (\S+)", caplog.text)
    assert all(f"a page: CONNECT {place}" not in caplog.text for place in errands)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(9))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "pem").write_bytes(private + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with (
                        contextlib.suppress(OSError),
                        context.wrap_socket(client, server_side=True) as secure,
                    ):
                        secure.recv(65536)

        threading.Thread(target=serve, daemon=True).start()
        with browser(tmp_path, f"127.0.0.1:{port}") as opened:
            assert trouble(opened, f"https://127.0.0.1:{port}/").problem is FetchProblem.TLS
        listener.shutdown(socket.SHUT_RDWR)


# ---------------------------------------------------------------------- what cannot hold it up


def test_more_than_five_redirects_are_a_loop(server: Scripted, opened: Browser) -> None:
    url = server.on("/round", redirect("/round"))
    assert trouble(opened, url).problem is FetchProblem.REDIRECT_LOOP
    again = server.on("/again", http(200, "<p>x<script>location.reload()</script>"))
    assert trouble(opened, again).problem is FetchProblem.REDIRECT_LOOP
    assert server.asked.count("/round") == 6
    assert server.asked.count("/again") == 6


def test_where_a_page_may_not_lead_nothing_is_sent(server: Scripted, opened: Browser) -> None:
    far = "/far?" + "x" * 3000
    for path, answer in (
        ("/to-far", redirect(far)),
        ("/to-far-js", http(200, f"<p>x<script>location = '{far}'</script>")),
    ):
        assert trouble(opened, server.on(path, answer)).problem is FetchProblem.BAD_REDIRECT
    assert far not in server.asked


@pytest.mark.parametrize(
    ("before", "url", "problem"),
    [
        ("https://a.example/", "http://a.example/", FetchProblem.BAD_REDIRECT),
        ("http://a.example/", "https://a.example/", None),
        ("https://a.example/", "https://b.example/", None),
        (None, "http://a.example/", None),
        ("http://a.example/", "ftp://a.example/", FetchProblem.BAD_REDIRECT),
        ("http://a.example/", "data:text/html,x", FetchProblem.BAD_REDIRECT),
        ("http://a.example/", "http://me@a.example/", FetchProblem.BAD_REDIRECT),
    ],
)
def test_where_a_page_may_lead(before: str | None, url: str, problem: FetchProblem | None) -> None:
    found = failures.hop_trouble("http://asked.example/", before, url, 1)
    assert (found and found.problem) == problem


def forever(line: Line) -> None:
    line.send(head(200, {"Content-Type": "text/html"}))
    line.drip((b"<p>" + b"x" * 100_000 for _ in range(10_000)), 0)


def drop_by_drop(line: Line) -> None:
    line.send(head(200, {"Content-Type": "text/html"}))
    line.drip(b"<p>x" for _ in range(1000))


HOLDING: dict[str, tuple[Answer, set[FetchProblem]]] = {
    "a script without end": (http(200, "<p>x<script>while (1) {}</script>"), {FetchProblem.TIMEOUT}),
    "a script without end, later": (
        http(200, "<p>x<script>setTimeout(() => { while (1) {} }, 300)</script>"),
        {FetchProblem.TIMEOUT},
    ),
    "a page without end": (forever, {FetchProblem.TOO_LARGE, FetchProblem.TIMEOUT}),
    "a page that drips": (drop_by_drop, {FetchProblem.TIMEOUT}),
    "a server that says nothing": (Line.hold, {FetchProblem.TIMEOUT}),
    "a page that breaks off": (
        head(200, {"Content-Type": "text/html", "Content-Length": "9999"}) + STORY.encode(),
        {FetchProblem.TRUNCATED},
    ),
    "a page that says it is packed and is not": (
        http(200, STORY, {"Content-Encoding": "gzip"}),
        {FetchProblem.BAD_ENCODING, FetchProblem.PROTOCOL},
    ),
    "a script in its midst that does not come": (
        http(200, STORY.replace("<p>The city", "<script src='/silent'></script><p>The city")),
        {FetchProblem.TIMEOUT},
    ),
    "no HTTP at all": (
        b"SSH-2.0-x\r\n\r\n",
        {FetchProblem.CONNECT, FetchProblem.PROTOCOL, FetchProblem.TIMEOUT},
    ),
    "a document beyond the cap": (
        http(200, "<p>x<script>document.body.append('x'.repeat(2e6))</script>"),
        {FetchProblem.TOO_LARGE},
    ),
    "a page that brings in too much": (
        http(200, "<p>x<script>for (let i = 0; i < 9; i++) fetch('/much?' + i)</script>"),
        {FetchProblem.TOO_LARGE},
    ),
    "a page that posts too much": (
        http(
            200,
            "<p>x<script>const much = 'x'.repeat(1e6);"
            "setInterval(() => fetch('/', {method: 'POST', body: much}), 20)</script>",
        ),
        {FetchProblem.TOO_LARGE},
    ),
    "a page that eats memory": (
        http(
            200,
            "<p>x<script>const a = [];"
            "for (let i = 0; i < 20; i++) a.push(new Uint8Array(3e7).fill(1));"
            "setInterval(() => { a.push(a[0].slice()); document.body.append('.'); }, 50)</script>",
        ),
        {FetchProblem.BROWSER},
    ),
}


@pytest.mark.parametrize("what", HOLDING)
def test_no_page_holds_the_browser_up(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(page, "_MEMORY", 600 << 20)
    answer, expected = HOLDING[what]
    for number in range(9):
        server.on(f"/much?{number}", http(200, b"x" * 1_000_000))
    server.on("/silent", Line.hold)
    url, good = server.on("/holding", answer), server.on("/good", http(200, STORY))
    with browser(tmp_path, server.host, deadline=4.0, max_body=1 << 20) as opened:
        opened.get(good)
        started = time.monotonic()
        assert trouble(opened, url).problem in expected
        assert time.monotonic() - started < 4.0 + SLACK
        assert read(opened.get(good)).verdict is Verdict.ARTICLE


@pytest.mark.parametrize(
    "script",
    [
        "alert(1); confirm(2); prompt(3); print();",
        "window.open('/other'); window.open('/other');",
        "window.onbeforeunload = e => { e.preventDefault(); return 'stay'; };",
        "setInterval(() => fetch('/other'), 20);",
        "navigator.geolocation.getCurrentPosition(() => document.body.append('where I' + ' am'));",
        "Notification.requestPermission().then(a => document.body.append(a));",
        "document.documentElement.requestFullscreen(); document.body.requestPointerLock();",
        "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => 'forged'}); XMLSerializer = null;",
        "history.pushState({}, '', '/elsewhere');",
        "setInterval(() => document.body.append('.'), 10);",
    ],
)
def test_no_trick_keeps_a_page_from_being_read(server: Scripted, opened: Browser, script: str) -> None:
    server.on("/other", http(200, "<p>other"))
    url = server.on("/trick", http(200, STORY.replace("</body>", f"<script>{script}</script></body>")))
    response = opened.get(url)
    capture = read(response)
    assert capture.verdict is Verdict.ARTICLE
    assert b"where I am" not in response.body
    assert response.final_url == url


def test_a_killed_browser_is_one_failed_page(server: Scripted, opened: Browser) -> None:
    good = server.on("/good", http(200, STORY))
    opened.get(good)
    process = process_of(opened)
    assert process is not None

    def kill(line: Line) -> None:
        os.killpg(process, signal.SIGKILL)
        line.hold()

    url = server.on("/kill", kill)
    assert trouble(opened, url).problem is FetchProblem.BROWSER
    assert opened.get(good).status == 200
    between = process_of(opened)
    assert between not in (None, process)
    os.killpg(between or 0, signal.SIGKILL)
    until("it is noticed", lambda: opened._chromium is None or not opened._chromium.browser.is_connected())
    assert opened.get(good).status == 200


def test_a_browser_that_has_done_its_share_is_replaced(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "PAGES_EACH", 2)
    url = server.on("/good", http(200, STORY))
    with browser(tmp_path, server.host) as opened:
        opened.get(url)
        first = process_of(opened)
        opened.get(url)
        assert process_of(opened) is None
        assert first is not None
        until("the first one ends", lambda: is_gone(first))
        opened.get(url)
        assert process_of(opened) not in (None, first)


def test_pages_are_opened_one_at_a_time_and_nobody_stands_in_line(server: Scripted, tmp_path: Path) -> None:
    slow = server.on("/hold", Line.hold)
    good = server.on("/good", http(200, STORY))
    with browser(tmp_path, server.host, deadline=4.0) as opened:
        opened.get(good)
        ended: list[object] = []

        def one() -> None:
            try:
                opened.get(slow)
            except FetchError as error:
                ended.append(error.problem)
            except BrowserBusy:
                ended.append("busy")

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        until("three were sent away", lambda: ended == ["busy"] * 3)
        for thread in threads:
            thread.join(30)
        assert ended == ["busy"] * 3 + [FetchProblem.TIMEOUT]
        assert opened.get(good).status == 200


def test_nothing_is_left_of_a_browser_that_is_closed(server: Scripted, tmp_path: Path) -> None:
    url = server.on("/good", http(200, STORY))
    with browser(tmp_path, server.host) as opened:
        opened.get(url)
        process = process_of(opened)
        assert process is not None
        group = chromium._group(process)
    assert len(group) > 2
    until("all have ended", lambda: all(map(is_gone, group)))
    assert trouble(opened, url).problem is FetchProblem.BROWSER


# ---------------------------------------------------------------------- when there is none


def test_nothing_is_opened_as_root(monkeypatch: pytest.MonkeyPatch, server: Scripted) -> None:
    monkeypatch.setattr(chromium, "runs_as_root", runs_as_root)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said = why_not(None)
    assert said is not None
    assert said.endswith("run Writethru as a user of its own")
    with Browser(Guard([server.host]), user_agent="us") as opened:
        found = trouble(opened, server.url("/as-root"))
    assert found.problem is FetchProblem.BROWSER
    assert "as a user of its own" in str(found)
    assert "/as-root" not in server.asked


def test_what_is_missing_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with as_another_user():
        assert why_not(str(tmp_path / "nothing")) == (
            f"there is no program {tmp_path / 'nothing'}: "
            "install one (on Debian the package chromium), or name it in [fetch] browser"
        )
        monkeypatch.setattr(chromium, "find_spec", lambda _: None)
        assert why_not(None) == "Playwright is not installed: pip install 'writethru[browser]'"


def test_a_response_is_the_same_after_it_was_kept() -> None:
    """What is said of the browser stands in the record of the log."""
    from storage.forms import received_form, response_from

    seen = Response(
        url="https://a.example/",
        final_url="https://a.example/",
        status=200,
        headers=(),
        body=b"<p>x",
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
        browser="Chromium/1",
        screenshot=b"shot",
    )
    assert response_from(received_form(seen)["answer"], seen.body, seen.screenshot) == seen
    plain = replace(seen, browser=None, screenshot=None)
    assert not {"browser", "screenshot"} & set(received_form(plain)["answer"])
