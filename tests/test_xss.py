"""Nothing that a page says runs, wherever we show it: looked at in a real Chromium, with our policy and without.

Every text of ``tests.payloads`` stands in every field that a page, an address, a server's error or a
configuration can fill. The same texts in a naive page do run, in the same browser, with the same hooks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from monitor.report.links import web_url
from storage.store import Store
from tests.browser import chromium
from tests.hostile_archive import Archive, served
from tests.newsdesk import BODY, configure, writethru
from tests.payloads import chunks, naive, payloads
from tests.servers import Scripted, http

pytestmark = pytest.mark.slow

ALL = payloads()
EACH = 120
"""As many texts share an article: fewer pages to look at."""

HOOK = """(() => {
  const ran = said => console.log('xss ' + (String(said).match(/[0-9]+/) || ['?'])[0]);
  for (const name of ['xss', 'alert', 'confirm', 'prompt'])
    Object.defineProperty(window, name, {value: ran, writable: false, configurable: false});
})()"""

PROVOKE = """() => {
  const attempt = act => { try { act() } catch (trouble) {} };
  const within = window => attempt(() => {
    const found = [...window.document.querySelectorAll('*')];
    for (const element of found)
      for (const attribute of [...element.attributes])
        if (attribute.name.startsWith('on'))
          attempt(() => element.dispatchEvent(new Event(attribute.name.slice(2))));
    for (const element of found)
      if (element.matches('a, area, button, input[type=submit], input[type=image]'))
        if (!/^(https?|file):/.test(element.href || ''))
          attempt(() => element.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true})));
    for (let frame = 0; frame < window.length; frame++) within(window[frame]);
  });
  within(window);
}"""

THERE = """() => [...document.querySelectorAll('iframe')].every(
  frame => !frame.contentDocument
    || (frame.contentDocument.readyState === 'complete' && frame.contentDocument.URL !== 'about:blank'))"""

BUILT = """() => {
  const parts = new Set(), leads = new Set(), styles = new Set();
  for (const element of document.getElementsByTagName('*')) {
    parts.add(element.localName);
    for (const {name, value} of element.attributes) {
      parts.add(element.localName + ' ' + name);
      if (name === 'style') styles.add(value);
      if (['href', 'src', 'action', 'formaction', 'srcset', 'data'].includes(name)) leads.add(value);
    }
  }
  return [[...parts], [...leads], [...styles]];
}"""


# ---------------------------------------------------------------------- the browser


@dataclass
class Watched:
    """An open page, and what came of looking at it."""

    page: Page
    ran: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        """Wait until every frame is there, or has had five seconds."""
        self.asked.clear()
        self.page.goto(url, wait_until="domcontentloaded")
        with suppress(PlaywrightTimeout):
            self.page.wait_for_function(THERE, timeout=5_000)

    def provoke(self) -> None:
        """Do to every element what its handlers wait for, follow what leads to no other page, and wait for as
        long as something more runs."""
        self.page.evaluate(PROVOKE)
        before, patience = -1, 40
        while len(self.ran) > before and patience:
            before, patience = len(self.ran), patience - 1
            self.page.wait_for_timeout(300)


@contextmanager
def watched(browser: Browser, *, policy: bool = True) -> Iterator[Watched]:
    """A window with hooks in every frame.

    :param policy: whether the policies of pages hold.
    """
    with browser.new_context(bypass_csp=not policy) as context:
        context.add_init_script(HOOK)
        looked = Watched(context.new_page())
        looked.page.on("console", lambda message: _heard(looked, message))
        looked.page.on("pageerror", lambda error: looked.complaints.append(str(error)))
        looked.page.on("dialog", lambda dialog: _asked(looked, dialog))
        looked.page.on("request", lambda request: looked.asked.append(request.url))
        looked.page.on("popup", lambda popup: looked.ran.add(f"window {popup.url}"))
        looked.page.on("download", lambda download: looked.ran.add(f"download {download.url}"))
        yield looked


def _heard(looked: Watched, message: ConsoleMessage) -> None:
    """The browser asks every site for an icon by itself."""
    if message.text.startswith("xss "):
        looked.ran.add(message.text[4:])
    elif not message.location["url"].endswith("/favicon.ico"):
        looked.complaints.append(message.text)


def _asked(looked: Watched, dialog: Dialog) -> None:
    looked.ran.add(f"dialog {dialog.message}")
    dialog.dismiss()  # or the page would stand still


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as scripted:
        yield scripted


# ---------------------------------------------------------------------- the texts are live


def test_the_texts_are_many_and_each_is_another() -> None:
    assert len({re.sub(r"\d+", "", payload.text) for payload in ALL}) >= 600
    assert len({payload.kind for payload in ALL}) >= 12


def test_in_a_naive_page_nearly_all_of_them_run(browser: Browser, server: Scripted) -> None:
    with watched(browser) as looked:
        for some in chunks(ALL, 100):
            frames = ""
            for payload in some:
                server.on(f"/{payload.number}", http(200, naive(payload).encode("utf-8", "replace")))
                frames += f'<iframe src="/{payload.number}"></iframe>'
            looked.open(server.on(f"/many/{some[0].number}", http(200, f"<!doctype html>{frames}")))
            looked.provoke()
    alive = {payload.number for payload in ALL if str(payload.number) in looked.ran}
    print(f"{len(alive)} of {len(ALL)} texts run in a naive page")
    assert len(alive) >= 500, [payload for payload in ALL if payload.number not in alive]
    assert {payload.kind for payload in ALL if payload.number in alive} == {payload.kind for payload in ALL}


# ---------------------------------------------------------------------- what is looked at

QUIET = [[f"A plain line, number {at}.\u202e The b\u0430nk; za{chr(0x301) * 12}lgo." for at in range(EACH)]]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    texts = [[payload.text for payload in some] for some in chunks(ALL, EACH)]
    archive = Archive(tmp_path_factory.mktemp("hostile"), texts)
    yield archive
    archive.store.close()


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    archive = Archive(
        tmp_path_factory.mktemp("quiet"), [[f"{n}: {text}" for text in some] for n, some in enumerate(QUIET)]
    )
    yield archive
    archive.store.close()


def walked(looked: Watched, root: str, articles: int) -> Iterator[str]:
    """Every page of the service, each open as it is named: from the first by every link, and those of choices,
    which few articles have a link to."""
    waiting = ["/", *(f"/articles/{number}/2/compare" for number in range(1, articles + 1))]
    seen = {*waiting}
    while waiting:
        path = waiting.pop()
        looked.open(root + path)
        yield path
        links: list[str] = looked.page.eval_on_selector_all(
            "a[href^='/']", "all => all.map(a => a.getAttribute('href'))"
        )
        new = {link.partition("#")[0] for link in links} - seen
        waiting += new
        seen |= new


# ---------------------------------------------------------------------- nothing of them runs


@dataclass
class Build:
    """What pages are built of: elements and attributes, and what stands in those that load, lead or paint."""

    parts: set[str] = field(default_factory=set)
    leads: set[str] = field(default_factory=set)
    styles: set[str] = field(default_factory=set)

    def take(self, page: Page) -> None:
        for known, found in zip((self.parts, self.leads, self.styles), page.evaluate(BUILT), strict=True):
            known.update(found)


def inert(looked: Watched, build: Build, url: str) -> None:
    """The page that is open has run nothing, asked for nothing and is built of nothing unknown."""
    looked.page.evaluate(PROVOKE)
    assert looked.asked == [url]
    build.take(looked.page)


def assert_like(hostile: Build, quiet: Build) -> None:
    """What hostile pages are built of is what quiet ones are built of."""
    assert hostile.parts - quiet.parts == set()
    assert hostile.styles - quiet.styles == set()
    assert [
        to for to in hostile.leads if not re.match(r"[#/.\w][\w/.#?=-]*$", to) and web_url(to) is None
    ] == []
    assert not {"script", "iframe", "img", "object", "embed", "base", "form", "math", "video"} & hostile.parts


def test_no_page_of_the_service_runs_what_articles_say(
    browser: Browser, hostile: Archive, quiet: Archive
) -> None:
    """Nor does it try anything that the policy would have to stop: the browser complains of nothing."""
    builds = []
    for archive in (quiet, hostile):
        build, count = Build(), 0
        with served(archive.store) as root, watched(browser) as looked:
            for path in walked(looked, root, archive.store.counts()["articles"]):
                inert(looked, build, root + path)
                count += 1
            looked.page.wait_for_timeout(500)
        assert (looked.ran, looked.complaints) == (set(), [])
        builds.append(build)
    assert count == 2 + 8 * len([*chunks(ALL, EACH)])
    assert_like(builds[1], builds[0])


def test_no_page_of_a_report_runs_what_articles_say(
    browser: Browser, hostile: Archive, quiet: Archive
) -> None:
    """By escaping alone: the policy, which is also on the page, does not hold here."""
    builds = []
    for archive in (quiet, hostile):
        build = Build()
        with watched(browser, policy=False) as looked:
            for path in archive.report():
                looked.open(path.as_uri())
                inert(looked, build, path.as_uri())
            looked.page.wait_for_timeout(500)
        assert (looked.ran, looked.complaints) == (set(), [])
        builds.append(build)
    assert_like(builds[1], builds[0])


def test_no_feed_mail_or_text_runs_what_articles_say(
    browser: Browser, server: Scripted, hostile: Archive, quiet: Archive
) -> None:
    """Nor where a feed is taken for a page, or Markdown is rendered by what lets all HTML through."""
    builds = []
    for archive in (quiet, hostile):
        build = Build()
        with watched(browser, policy=False) as looked:
            for number, (kind, text) in enumerate(archive.documents()):
                answer = http(200, text.encode("utf-8", "replace"), kind=f"{kind}; charset=utf-8")
                url = server.on(f"/document/{number}", answer)
                looked.open(url)
                inert(looked, build, url)
            looked.page.wait_for_timeout(500)
        assert (looked.ran, looked.complaints) == (set(), [])
        builds.append(build)
    assert_like(builds[1], builds[0])


def test_no_refusal_of_the_service_runs_what_was_asked(browser: Browser, hostile: Archive) -> None:
    """In every part of an address, and without the policy: a refusal repeats nothing."""
    with served(hostile.store) as root, watched(browser, policy=False) as looked:
        for text in ("<svg onload=xss(1)>", "javascript:xss(2)", "{{7*7}}<script>xss(3)</script>"):
            said = quote(text, safe="")
            for path in (f"/{said}", f"/articles/{said}", f"/articles/1/{said}", f"/articles/1/diff/{said}..2",
                         f"/articles/1/{said}/compare", f"/?page={said}"):  # fmt: skip
                looked.open(root + path)
                assert "xss" not in looked.page.content()
                looked.page.evaluate(PROVOKE)
    assert looked.ran == set()


# ---------------------------------------------------------------------- from real pages


def test_what_real_pages_say_runs_nowhere(browser: Browser, server: Scripted, tmp_path: Path) -> None:
    """Pages on loopback that hold the texts as a publisher's careful system would write them: read, stored,
    compared and shown by the real program."""
    sources = ""
    for at, some in enumerate(chunks(ALL, 240)):
        texts = [payload.text for payload in some]
        pages = [http(200, _article(texts[turn:])) for turn in (0, 7)]
        url = server.on(f"/story/{at}", *pages)
        sources += f'[[sources]]\nname = "story {at}"\nkind = "page"\nurl = "{url}"\ninterval = "1s"\n'
    config = configure(tmp_path, server, sources)
    for _ in range(2):
        done = writethru(config, "check", "--all")
        assert done.returncode == 0, done.stdout + done.stderr
    with Store.open("sqlite:///store.db", tmp_path) as store, served(store) as root:
        assert all(article.revisions >= 2 for article in store.articles())
        assert "xss(1)" in store.revision(1, 1).extraction.text
        with watched(browser, policy=False) as looked:
            for path in walked(looked, root, 0):
                inert(looked, Build(), root + path)
            looked.page.wait_for_timeout(500)
    assert (looked.ran, looked.complaints) == (set(), [])


def _article(texts: Sequence[str]) -> str:
    """An article page with them in the headline, the standfirst, the byline, lists, quotations, a caption, a
    notice, links, the section and the address that it gives itself."""
    safe = [html.escape(text) for text in texts]
    one = iter(safe * 2)
    story = "".join(f"<p>{line}</p>" for line in BODY) + "".join(
        f"<p>The text reads {text} here.</p>" for text in safe
    )
    said = {"@type": "NewsArticle", "headline": texts[0], "author": {"@type": "Person", "name": texts[1]},
            "articleSection": texts[2], "datePublished": "2026-03-02T08:00:00Z", "description": texts[3]}  # fmt: skip
    coded = json.dumps(said).replace("<", "\\u003c")
    return f"""<!doctype html><html lang="en"><head><title>{next(one)}</title>
<meta property="og:title" content="{next(one)}"><meta name="author" content="{next(one)}">
<meta property="article:section" content="{next(one)}"><link rel="canonical" href="/?q={next(one)}">
<script type="application/ld+json">{coded}</script></head><body><article><h1>{next(one)}</h1>
<p class="standfirst">{next(one)}</p><div class="byline">By {next(one)}</div><div class="story">{story}
<blockquote><p>{next(one)}</p></blockquote><ul><li>{next(one)}</li><li>{next(one)}</li></ul>
<figure><img src="/x.jpg" alt=""><figcaption>{next(one)}</figcaption></figure>
<p>More <a href="{next(one)}">{next(one)}</a> and <a href="/?q={next(one)}">{next(one)}</a>.</p>
<p class="correction">Correction: {next(one)}</p></div></article></body></html>"""
