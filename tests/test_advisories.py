"""What was published against other programs of this kind, each tried here under its own name.

The name of a test is that of a CVE or an advisory; where several are one class they share a body, and each
is an id of it. What nothing here has yet is tried by whoever builds it:

    login forms, passwords, sessions, users     CVE-2025-54592, -54875, -62166, -68402; CVE-2021-28373; #808 of
                                                changedetection.io; CVE-2023-0735; CVE-2025-67713's "next" after a login
    writing over the web (and its CSRF token)   GHSA-gjvc-55fw-v6vq, -p8gp-899c-jvq9, -56fm-hfp3-x3w3, -5pm7-cp8f-p2c2:
                                                until then no route takes anything but GET, which is tried here
    import of archives of others                CVE-2026-29065 (zip slip, bomb), GHSA-8757-69j2-hx56
    an API that hands out JSON                  CVE-2026-82089
    proxied pictures, cached icons              CVE-2025-31483, CVE-2025-31136, CVE-2020-25789, CVE-2025-46339: there
                                                are none, which is tried here
    secrets that are set over the web           GHSA-jrxm-qjfh-g54f, GHSA-g36r-fm2p-87xm (that one stays with the origin
                                                it was meant for is tried here)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from packaging.requirements import Requirement
from packaging.version import Version

from monitor.alerts import compose
from monitor.config import Config, WebSettings, parse_config
from monitor.errors import ConfigError, FetchError
from monitor.extract import extract
from monitor.fetch import Fetcher, retry_after, url_trouble
from monitor.guard import Guard
from monitor.report import ServerLinks, article_page, is_page_path
from monitor.report.html import environment
from monitor.report.links import web_url
from monitor.sources import read_feed, read_sitemap
from monitor.web import create_app
from storage.records import FetchProblem, PendingAlert
from storage.store import Store
from tests.hostile_archive import Archive
from tests.newsdesk import ROOT, configure, page, writethru
from tests.servers import Scripted, http, redirect
from tests.test_report_html import Page
from tests.test_report_samples import article, entry
from tests.test_store import dump

LIVE = "<svg onload=alert(1)>"
TEMPLATES = (
    "{{7*7}}",
    "${7*7}",
    "{{self.__init__.__globals__}}",
    "{% include '/etc/passwd' %}",
    "#{7*7}",
    "%(url)s",
    "{0}",
)
RAW = b"<!doctype html><script>stored_as_it_came()</script>"


def named(ids: str) -> pytest.MarkDecorator:
    """One body for several advisories, each a test of its own."""
    return pytest.mark.parametrize("advisory", ids.split())


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Archive]:
    archive = Archive(tmp_path, [[LIVE, *TEMPLATES, "../../etc/passwd", "\u202eevil\u202c"]])
    with closing(archive.store):
        yield archive


def client(store: Store, token: str | None = None) -> TestClient:
    app = create_app(store, WebSettings(token=token), UTC, lambda: None)
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def addresses(store: Store) -> list[str]:
    """One of every route."""
    app = create_app(store, WebSettings(), UTC, lambda: None)
    return [re.sub(r"\{\w+\}", "1", getattr(route, "path", "/")) for route in app.routes]


def parsed(text: str) -> Config:
    return parse_config(tomllib.loads(text), Path("/"), {})


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parsed(text)
    return caught.value.problems


# ---------------------------------------------------------------------- files instead of pages

FILES = (
    "file:///etc/passwd",
    "file:/etc/passwd",
    "file:etc/passwd",
    "FILE:///etc/passwd",
    " file:///etc/passwd",
    "file:../../etc",
    "file://localhost/etc/passwd",
    "source:file:///etc/passwd",
    "view-source:file:///etc/passwd",
    "\tfile:///etc/passwd",
    "jar:file:///x!/",
    "gopher://127.0.0.1/",
    "ftp://127.0.0.1/",
    "data:text/html,x",
    "javascript:alert(1)",
    "JaVa\tScript:alert(1)",
    "vbscript:x",
    "dict://127.0.0.1/",
)


@named("unnumbered-2022-483 CVE-2024-51483 CVE-2024-51998 CVE-2024-56509 CVE-2025-62780")
def test_only_web_addresses_enter_by_whatever_door(advisory: str, tmp_path: Path, server: Scripted) -> None:
    """Configuration, command line, feed, redirect and fetcher ask the same of an address."""
    (tmp_path / "config.toml").write_text("")
    for address in FILES:
        for kind in ("page", "feed"):
            (problem,) = mistakes(f"[[sources]]\nname = 'x'\nkind = '{kind}'\nurl = {json.dumps(address)}")
            assert "must be an http:// or https:// address" in problem
        assert url_trouble(address)
        assert writethru(tmp_path / "config.toml", "add", address).returncode == 2
        link = address.replace("&", "&amp;")
        feed = f"<rss version='2.0'><channel><item><link>{link}</link></item></channel></rss>"
        assert all(
            found.url.startswith("https://quay.example/")
            for found in read_feed(feed.encode(), "https://quay.example/").entries
        )
    fetcher = Fetcher(Guard((server.host,)), user_agent="Writethru/test", deadline=5)
    for address in FILES:
        with pytest.raises(FetchError):
            fetcher.get(address)
        if not any(c in address for c in "\t "):
            server.on("/to", redirect(address))
            with pytest.raises(FetchError):
                fetcher.get(server.url("/to"))


@named("CVE-2023-24769 GHSA-68wj-c2jw-5pp9 PYSEC-2023-10")
def test_no_address_but_one_of_the_web_becomes_a_link(advisory: str) -> None:
    for address in FILES:
        assert web_url(address) is None
        shown = Page(article_page(article(url=address), [entry(1, witness=address)], links=ServerLinks()))
        assert all(href.startswith(("/", "#")) for href in shown.hrefs)


@named("CVE-2026-41895")
def test_no_entity_reads_a_file(advisory: str, tmp_path: Path) -> None:
    secret = tmp_path / "sentinel"
    secret.write_text("SENTINEL-OF-A-FILE")
    doctype = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}">%p;]>'
    )
    feed = f"<?xml version='1.0'?>{doctype}<rss version='2.0'><channel><item><link>https://quay.example/&e;</link></item></channel></rss>"
    assert "SENTINEL" not in repr(read_feed(feed.encode(), "https://quay.example/"))
    sitemap = f"<?xml version='1.0'?>{doctype}<urlset><url><loc>https://quay.example/&e;</loc></url><url><loc>/1</loc></url></urlset>"
    assert "SENTINEL" not in repr(read_sitemap(sitemap.encode(), "https://quay.example/sitemap.xml"))
    xhtml = f"<?xml version='1.0'?>{doctype}<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>&e;</h1><p>&e;</p></body></html>"
    assert "SENTINEL" not in repr(
        extract(xhtml.encode(), url="https://quay.example/", content_type="application/xhtml+xml")
    )


@named("CVE-2026-29039 CVE-2026-29039-json-doc GHSA-6fmw-82m7-jq6p")
def test_a_selector_is_css_and_reads_nothing(advisory: str) -> None:
    for text in (
        "unparsed-text('file:///etc/passwd')",
        "//a[doc('file:///etc/passwd')]",
        "json-doc('/etc/passwd')",
        "document('x')",
        "re:test(., 'x')",
        "xpath://p",
    ):
        (problem,) = mistakes(
            "[[sources]]\nname = 'x'\nkind = 'page'\nurl = 'https://x.example/'\n"
            f"selectors = {{ body = {json.dumps(text)} }}"
        )
        assert "is not a CSS selector" in problem


@named("CVE-2026-33981 GHSA-h3x5-5j56-hm2j CVE-2026-42601 GHSA-58r7-4wr5-hfx8")
def test_no_key_that_nobody_knows_is_taken(advisory: str) -> None:
    """Neither a filter language nor a field that is not for users, in any table there is."""
    keys = ("jq filter shell exec hooks python id history created_at processor extra YTDLP_ARGS").split()
    tables = (
        "[fetch] [schedule] [web] [log] [storage] [witness] [stamp] [retention] [[hosts]] [[sources]] "
        "[[channels]] [[alerts]] [sources]"
    ).split()
    for table in tables[:-1]:
        found = mistakes(table + "\n" + "\n".join(f"{key} = 'x'" for key in keys))
        assert all(any(f".{key}: is not a known setting" in problem for problem in found) for key in keys), (
            table
        )
    assert mistakes("\n".join(f"{key} = 'x'" for key in keys))


@named("GHSA-mh42-m7cg-49fr CVE-2025-58173 archivebox-3659adeb archivebox-0041a2d4")
def test_no_word_from_outside_is_in_the_name_of_a_file(advisory: str, hostile: Archive) -> None:
    pages = hostile.report()
    root = hostile.folder / "report"
    assert all(is_page_path(path.relative_to(root).as_posix()) for path in pages)
    before = set(hostile.folder.iterdir())
    list(hostile.documents())
    assert {path.name for path in set(hostile.folder.iterdir()) - before} == {"1.zip"}


# ---------------------------------------------------------------------- what runs in a browser


@named("GHSA-pwgc-w4x9-gw67 CVE-2024-34061")
def test_every_template_escapes_whatever_it_is_called(advisory: str) -> None:
    made = environment()
    for name in made.list_templates():
        assert made.get_template(name).environment.autoescape is True, name
        assert made.from_string("{{ x }}").render(x=LIVE) == "&lt;svg onload=alert(1)&gt;"


@named("CVE-2025-52558 CVE-2023-27592 CVE-2020-25788 GHSA-32m2-xhwx-92mh GHSA-h9qq-w7hq-7rxj CVE-2023-0736")
def test_the_words_of_an_error_are_inert(advisory: str, tmp_path: Path, server: Scripted) -> None:
    """A server's reason, a broken header, a redirect, a feed that is none: on every page and in every list."""
    wrong = {
        "reason": f"HTTP/1.1 500 {LIVE}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode(),
        "status": f"HTTP/1.1 {LIVE}\r\n\r\n".encode(),
        "coding": http(200, b"x", {"Content-Encoding": LIVE}),
        "redirect": redirect(f"http://{LIVE}/"),
        "kind": http(200, b"x", kind=LIVE),
    }
    sources = "".join(
        f'[[sources]]\nname = "{kind} {name}"\nkind = "{kind}"\nurl = "{server.on(f"/{kind}/{name}", answer)}"\n'
        for kind in ("page", "feed")
        for name, answer in wrong.items()
    )
    config = configure(tmp_path, server, sources)
    writethru(config, "check", "--all")
    with Store.open("sqlite:///store.db", tmp_path) as store, client(store) as pages:
        assert len(store.checks()) == len(wrong)
        for path in ["/", *(f"/articles/{each.id}" for each in store.articles())]:
            assert not {"svg", "script", "img"} & {tag for tag, _ in Page(pages.get(path).text).tags}
    assert writethru(config, "report", "--out", str(tmp_path / "out")).returncode == 0
    assert all("<svg onload" not in path.read_text() for path in (tmp_path / "out").rglob("*.html"))


@named("CVE-2026-27645 CVE-2026-29038")
def test_a_refusal_does_not_repeat_what_was_asked(advisory: str, hostile: Archive) -> None:
    with client(hostile.store) as pages:
        for path in (
            "/feeds/{} /feeds/sources/{}.atom /articles/{} /articles/1/diff/{}..2 /?page={} /tags/{}"
        ).split():
            answer = pages.get(path.format(quote(LIVE, safe="")))
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.text == "There is no such page."


@named("GHSA-cgj8-g98g-4p9x CVE-2023-45815 GHSA-cr45-98w9-gwqx")
def test_what_a_server_sent_is_never_a_page_of_ours(advisory: str, tmp_path: Path, server: Scripted) -> None:
    url = server.on("/story", http(200, RAW + page().encode()))
    config = configure(tmp_path, server, f'[[sources]]\nname = "s"\nkind = "page"\nurl = "{url}"\n')
    assert writethru(config, "check", "--all").returncode == 0
    assert RAW.decode() in writethru(config, "show", "1", "1", "--raw").stdout
    with Store.open("sqlite:///store.db", tmp_path) as store, client(store) as pages:
        for path in addresses(store):
            answer = pages.get(path)
            assert "stored_as_it_came" not in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"


@named("cdio-tag-name-modal GHSA-4j9m-cxq4-9c36 CVE-2025-32015 CVE-2025-31483 CVE-2025-31136 CVE-2020-25789")
def test_a_page_has_no_script_no_style_of_anyone_and_nothing_that_loads(
    advisory: str, hostile: Archive
) -> None:
    for path in hostile.report():
        tags = Page(path.read_text()).tags
        assert not {"script", "img", "iframe", "object", "embed", "form", "button", "link", "base"} & {
            tag for tag, _ in tags
        }
        assert not [attrs for _, attrs in tags if {"style", "srcdoc", "formaction", "src"} & {*attrs}]
        assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]


@named("CVE-2017-1000035 freshrss-1245")
def test_a_page_that_is_linked_learns_nothing_of_ours(advisory: str, hostile: Archive) -> None:
    with client(hostile.store) as pages:
        out = [
            attrs
            for path in addresses(hostile.store)
            for _, attrs in Page(pages.get(path).text).tags
            if (attrs.get("href") or "").startswith("http")
        ]
        assert all(attrs.get("rel") == "noopener noreferrer" and "target" not in attrs for attrs in out)
        answer = pages.get("/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@named("CVE-2021-42574")
def test_text_cannot_turn_its_own_reading_direction(advisory: str, hostile: Archive) -> None:
    for path in hostile.report():
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", path.read_text()), path
    assert "[U+202E]" in writethru(hostile.config, "diff", "1", "1..2").stdout


# ---------------------------------------------------------------------- messages


@named("CVE-2024-32651 GHSA-4r7v-whpg-8rx3")
def test_what_looks_like_a_template_stays_as_it_is(advisory: str, hostile: Archive) -> None:
    for line in hostile.store.log():
        content = compose(PendingAlert(id=1, channel="desk", rules=TEMPLATES, entry=line)).content
        assert "49" not in content["subject"]
        assert content["headline"] is None or "49" not in content["headline"]
    edit = hostile.store.entry(1, 2)
    assert edit is not None
    told = compose(PendingAlert(id=1, channel="desk", rules=(), entry=edit)).content
    assert all(each in told["headline"] for each in TEMPLATES)
    assert all("root:" not in text for _, text in hostile.documents())


_TO_TELEGRAM = """
import json, sys
from unittest import mock
import monitor.channels as channels
carry = getattr(channels, "carry", None) or channels._notify_here
answer = mock.Mock(status_code=200, content=b'{"ok": true, "result": []}')
with mock.patch("requests.post", return_value=answer) as sent, mock.patch("requests.Session.post", return_value=answer):
    trouble = carry("tgram://123456789:abcdefg_hijklmnop/12315544/", (), sys.argv[1], sys.argv[2])
assert trouble is None, trouble
print(sent.call_args.kwargs["data"])
"""


@pytest.mark.slow
@named("GHSA-q8xq-qg4x-wphg GHSA-p786-3xq7-m552")
def test_text_is_escaped_for_a_service_that_takes_html(advisory: str) -> None:
    """What Apprise hands to the library that would send it, in a process that sends nothing."""
    hostile = '<b>bold</b> <a href="https://evil.example/">link</a> <script>x</script>'
    done = subprocess.run(
        [sys.executable, "-c", _TO_TELEGRAM, hostile, hostile],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said["parse_mode"] == "HTML"
    assert "&lt;b&gt;bold&lt;/b&gt;" in said["text"]
    assert re.findall(r"<[^>]*>", said["text"]) == ["<b>", "</b>"]  # around the subject


# ---------------------------------------------------------------------- who may ask, and for what


@named(
    "CVE-2024-23329 GHSA-hcvp-2cc7-jrwr CVE-2026-35490 GHSA-jmrh-xmgh-x9j4 CVE-2025-54591 "
    "GHSA-vwgh-2hvh-4xm5 CVE-2022-23497"
)
def test_every_route_asks_for_the_token_and_no_trick_in_an_address_gets_around_it(
    advisory: str, hostile: Archive
) -> None:
    tricks = (
        "/health/live/../../articles/1 /articles/1?path=/health/live /articles/1/#/health/live "
        "//articles/1 /articles/1;/health/live /openapi.json /docs /redoc /static/app.css /nowhere"
    ).split()
    with client(hostile.store, "open-quay") as pages:
        for path in [*addresses(hostile.store), *tricks]:
            assert pages.get(path).status_code == 401, path
            assert pages.get(path, headers={"Authorization": "Bearer open-quay-"}).status_code == 401, path


@named(
    "unnumbered-2022-484 GHSA-3v57-xv5m-v7m7 CVE-2025-31482 CVE-2023-0735 CVE-2021-4162 "
    "GHSA-gjvc-55fw-v6vq GHSA-p8gp-899c-jvq9 GHSA-56fm-hfp3-x3w3 GHSA-5pm7-cp8f-p2c2"
)
def test_nothing_is_changed_by_asking(advisory: str, hostile: Archive) -> None:
    before = dump(hostile.store)
    with client(hostile.store) as pages:
        for path in [
            *addresses(hostile.store),
            "/logout",
            "/api/delete",
            "/articles/1/delete",
            "/backup",
            "/clear",
        ]:
            pages.get(path)
            assert pages.post(path, data={"a": "b"}).status_code in (404, 405)
            assert pages.delete(path).status_code in (404, 405)
    assert dump(hostile.store) == before


@named("CVE-2023-27591 GHSA-3qjf-qh38-x73v")
def test_nobodys_word_is_taken_for_who_asks(advisory: str, hostile: Archive) -> None:
    claims = {
        "X-Forwarded-For": "127.0.0.1",
        "X-Real-IP": "127.0.0.1",
        "Forwarded": "for=127.0.0.1",
        "Remote-User": "admin",
        "X-Forwarded-Host": "localhost",
        "X-Original-URL": "/health/live",
        "X-Rewrite-URL": "/health/live",
    }
    with client(hostile.store, "open-quay") as pages:
        assert pages.get("/", headers=claims).status_code == 401
    with client(hostile.store) as pages:
        assert pages.get("/", headers=claims | {"Host": "evil.example"}).status_code == 400


@named("CVE-2025-67713 GHSA-wqv2-4wpg-8hc9 CVE-2026-55185 GHSA-m999-j542-5w3r")
def test_no_answer_leads_anywhere_else(advisory: str, hostile: Archive) -> None:
    ways = (
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https:evil.example",
        "/%09/evil.example",
        "https://evil.example",
    )
    with client(hostile.store) as pages:
        for path in addresses(hostile.store):
            for way in ways:
                for key in ("next", "redirect_url", "url", "return"):
                    answer = pages.get(path, params={key: way})
                    assert answer.status_code == 200
                    assert "location" not in answer.headers


@named("CVE-2023-0609 GHSA-qwx8-mxxx-mg96 CVE-2023-0610 GHSA-mrqx-mjc4-vfh3")
def test_what_is_not_there_and_what_never_was_look_the_same(advisory: str, hostile: Archive) -> None:
    with client(hostile.store) as pages:
        seen = {
            (answer.status_code, answer.content, tuple(answer.headers.items()))
            for path in (
                "/articles/99 /articles/1/99 /articles/x /articles/1/diff/1..99 /articles/1/99/compare"
            ).split()
            for answer in [pages.get(path)]
        }
    assert len(seen) == 1


@named("CVE-2026-25527 GHSA-9jj8-v89v-xjvw")
def test_no_path_leaves_the_pages(advisory: str, hostile: Archive) -> None:
    with client(hostile.store) as pages:
        for path in (
            "/static/%2e%2e/app.py /static/../app.py /%252e%252e/etc/passwd /..%5c..%5cx /%00 "
            "/articles/..%2f..%2fx"
        ).split():
            assert pages.get(path).status_code == 404, path


@named("CVE-2026-27696 GHSA-3c45-4pj5-ch7m")
def test_the_pages_are_for_this_machine_unless_a_token_is_set(advisory: str) -> None:
    assert WebSettings().host == "127.0.0.1"
    for host in ("0.0.0.0", "[::]", "192.168.1.20"):  # noqa: S104  # which is refused
        (problem,) = mistakes(f"[web]\nlisten = '{host}:8420'")
        assert "needs a token" in problem


@named("CVE-2017-16896")
def test_an_address_that_looks_like_sql_is_an_address(advisory: str, hostile: Archive) -> None:
    assert (
        writethru(hostile.config, "status").returncode == 0
    )  # the first command puts the watch list in order
    before = dump(hostile.store)
    for words in (
        ["log", "x' OR '1'='1"],
        ["show", "1; DROP TABLE articles"],
        ["articles", "x' UNION SELECT 1--"],
        ["diff", "https://quay.example/' OR 1=1--"],
        ["alerts", "retry", "' OR 1=1--"],
    ):
        assert writethru(hostile.config, *words).returncode == 2, words
    assert dump(hostile.store) == before


# ---------------------------------------------------------------------- where we connect to


@named(
    "CVE-2026-27696 CVE-2026-21885 CVE-2025-59344 CVE-2026-44313 GHSA-56fq-63vj-9992 "
    "GHSA-hm22-wg2m-35v4 GHSA-x9wx-6c32-9556 GHSA-jrxm-qjfh-g54f GHSA-g36r-fm2p-87xm "
    "GHSA-gwph-fp79-379w GHSA-rph4-96w6-q594"
)
def test_nothing_inside_is_reached(advisory: str, connecting: list[object]) -> None:
    inside = (
        "127.0.0.1 169.254.169.254 100.64.0.1 10.0.0.1 [::1] [fd00:ec2::254] 0x7f.1 2130706433 localhost"
    ).split()
    fetcher = Fetcher(Guard(()), user_agent="Writethru/test", deadline=5)
    asks: tuple[Callable[[str], object], ...] = (fetcher.get, lambda url: fetcher.post(url, b"{}", {}))
    for host in inside:
        for ask in asks:
            with pytest.raises(FetchError) as caught:
                ask(f"http://{host}/")
            assert caught.value.problem is FetchProblem.REFUSED_ADDRESS
    for url in (
        "http://127.0.0.1\\@quay.example/",
        "http://quay.example\\@127.0.0.1/",
        "http://quay.example@127.0.0.1/",
    ):
        with pytest.raises(FetchError):
            fetcher.get(url)
    assert connecting == []


@pytest.fixture
def connecting(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Where a socket was asked to connect to; none does."""
    import socket

    asked: list[object] = []

    def record(_self: socket.socket, address: object) -> None:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", record)
    return asked


@named("CVE-2024-47081 CVE-2025-46341")
def test_a_header_of_ours_goes_where_it_was_meant_to_go(advisory: str, server: Scripted) -> None:
    fetcher = Fetcher(Guard(("127.0.0.0/8",)), user_agent="Writethru/test", deadline=5)
    with Scripted() as other:
        server.on("/out", redirect(other.on("/page", http(200, page()))))
        fetcher.get(server.url("/out"), headers={"Authorization": "SECRET", "Cookie": "SECRET"})
        assert "SECRET" not in str(other.requests)
    for name, value in (
        ("Host", "x"),
        ("X-A", "a\r\nHost: b"),
        ("X-A", "a\nb"),
        ("X A", "x"),
        *(
            (name, "x")
            for name in ("Content-Length", "Remote-User", "X-Forwarded-For", "Forwarded", "Cookie2")
        ),
    ):
        assert mistakes(
            "[[sources]]\nname = 'x'\nkind = 'page'\nurl = 'https://x.example/'\n"
            f"headers = {{ {json.dumps(name)} = {json.dumps(value)} }}"
        )


@named("CVE-2025-68148")
def test_nobody_can_silence_us_for_more_than_a_day(advisory: str) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for value in ("99999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"):
        wait = retry_after((("Retry-After", value),), now)
        assert wait is not None
        assert wait <= timedelta(days=1)
    for value in ("-1", "soon", ""):
        assert not retry_after((("Retry-After", value),), now)


# ---------------------------------------------------------------------- what we are built on

FLOORS = {
    "urllib3": ("2.7.0", "CVE-2025-66418 CVE-2025-66471 CVE-2026-21441 CVE-2026-44432"),
    "requests": ("2.32.4", "CVE-2024-47081 CVE-2024-35195"),
    "jinja2": ("3.1.6", "CVE-2024-56326 CVE-2025-27516"),
    "lxml": ("6.1", "CVE-2026-41895"),
    "apprise": ("2.1", "PYSEC-2021-327"),
}
ELSEWHERE = {"brotli": "1.2.0", "h11": "0.16.0", "starlette": "0.49.1", "cryptography": "46"}
"""What others bring along, where they do."""
EVERY_FLOOR = [
    (name, floor, advisory) for name, (floor, known) in FLOORS.items() for advisory in known.split()
]


@pytest.mark.parametrize(("name", "floor", "advisory"), EVERY_FLOOR, ids=[each[2] for each in EVERY_FLOOR])
def test_no_release_with_a_known_hole_is_let_in(name: str, floor: str, advisory: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {found.name.lower(): found for found in map(Requirement, project["dependencies"])}
    (lowest,) = [Version(spec.version) for spec in wanted[name].specifier if spec.operator == ">="]
    assert lowest >= Version(floor)
    assert locked()[name] >= Version(floor)
    assert Version(version(name)) >= Version(floor)


def test_what_others_bring_along_has_no_known_hole() -> None:
    for name, floor in ELSEWHERE.items():
        assert locked().get(name, Version(floor)) >= Version(floor), name


def locked() -> dict[str, Version]:
    lines = re.findall(r"(?m)^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text().lower())
    assert len(lines) > 20
    return {name: Version(number) for name, number in lines}
