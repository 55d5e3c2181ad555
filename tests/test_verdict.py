"""Is it an article at all? Every verdict with its reason, and no article lost for what it is about."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from demo import page as drawing
from demo.story import load_story
from monitor.reader import read
from monitor.verdict import MAX_DOUBTS, Past, amount, failed_answer, not_html, refusal
from storage.records import Capture, Redirect, Response, Verdict

URL = "https://news.example/world/bridge.html"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
SENTENCE = (
    "The council voted on Tuesday to close the old bridge over the river, after a long debate in the hall. "
)
NEVER = Past()


def answer(body: bytes | str = b"", status: int = 200, **fields: Any) -> Response:
    usual: dict[str, Any] = {"final_url": URL, "headers": HTML}
    return Response(
        url=URL,
        status=status,
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=datetime(2024, 11, 17, tzinfo=UTC),
        **usual | fields,
    )


def page(body: str, title: str = "Council votes to close the old bridge", end: str = "</html>") -> str:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body>{end}"


def article(words: int = 300, title: str = "Council votes to close the old bridge", about: str = "") -> str:
    length = len(SENTENCE.split())
    paragraphs = "".join(f"<p>{about} {n}: {SENTENCE}</p>" for n in range(-(-words // length)))
    return page(f"<article><h1>{title}</h1>{paragraphs}</article>", title)


def judged(response: Response, past: Past = NEVER) -> Capture:
    return read(response, None, past)


def verdict(body: str, status: int = 200, past: Past = NEVER, **fields: Any) -> Verdict:
    return judged(answer(body, status, **fields), past).verdict


# --------------------------------------------------------------------- what is an article


def test_an_article_is_one_and_needs_no_reason() -> None:
    capture = judged(answer(article()))
    assert (capture.verdict, capture.reasons) == (Verdict.ARTICLE, ())
    assert capture.extraction is not None


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("How captchas took over the web", "A captcha asks whether you are a robot"),
        ("The bot wall: verify you are human, again and again", "Checking your browser, it says"),
        ("Government website hit by unusual traffic", "The ministry spoke of DDoS protection"),
        ("Access denied: the fight over public records", "Access denied, wrote the clerk"),
        ("Why a 404 page is worth a designer", "A good 404 page, such as Error 404"),
        ("Page not found: the lost books of a library", "Page not found, says the catalogue"),
        ("Something went wrong at the bank", "Service unavailable, said the machine"),
        ("We value your privacy, and other lies", "Before you continue, accept all cookies"),
    ],
)
def test_an_article_about_walls_and_missing_pages_stays_an_article(title: str, about: str) -> None:
    capture = judged(answer(article(title=title, about=about)))
    assert (capture.verdict, capture.reasons) == (Verdict.ARTICLE, ())


@pytest.mark.parametrize(
    "title",
    ["500 homes evacuated after the flood", "404 people rescued from a ferry", "S&P 500 falls | 404 Media"],
)
def test_a_short_first_report_is_no_error_page_for_the_figure_in_its_headline(title: str) -> None:
    assert verdict(article(words=60, title=title)) is Verdict.ARTICLE


def test_a_short_article_is_an_article() -> None:
    assert verdict(article(words=40)) is Verdict.ARTICLE


def test_a_text_without_spaces_between_words_is_measured_by_its_characters() -> None:
    assert amount("市長は橋を閉じると述べた") >= 6
    assert amount("two words") == 2
    japanese = "市長は古い橋を閉じると述べた。" * 12
    assert (
        verdict(page(f"<article><h1>橋を閉じる</h1><p>{japanese}</p></article>", "橋を閉じる"))
        is Verdict.ARTICLE
    )


@pytest.mark.parametrize("drawn", load_story().pages, ids=lambda drawn: drawn.name)
def test_a_page_of_the_demo_is_an_article(drawn: Any) -> None:
    body = drawing.article(drawn, drawn.versions[0], "https://news.example", random.Random(3))
    assert judged(answer(body)).verdict is Verdict.ARTICLE


# --------------------------------------------------------------------- walls


@pytest.mark.parametrize("status", [401, 402, 403, 407, 418, 429, 451, 999])
def test_a_refusing_status_is_a_block_whatever_the_page_says(status: int) -> None:
    capture = judged(answer(article(), status))
    assert (capture.verdict, capture.reasons) == (Verdict.BLOCKED, (f"the server answered {status}",))
    assert capture.extraction is None


@pytest.mark.parametrize(
    "header",
    [("CF-Mitigated", "challenge"), ("x-amzn-waf-action", "captcha"), ("X-DataDome", "protected")],
)
def test_a_header_that_names_a_bot_wall_is_a_block(header: tuple[str, str]) -> None:
    capture = judged(answer(article(), headers=(*HTML, header)))
    assert capture.verdict is Verdict.BLOCKED
    assert capture.reasons == (f"the header {header[0].lower()} says that this is a bot wall",)


def test_a_header_that_says_the_visit_was_let_through_is_no_block() -> None:
    assert verdict(article(), headers=(*HTML, ("X-DataDome", "allowed"))) is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Just a moment...", "<h1>news.example</h1><p>Checking if the site connection is secure</p>"),
        (
            "Attention Required! | Edge",
            "<h1>Sorry, you have been blocked</h1><p>You are unable to reach this.</p>",
        ),
        ("Access to this page has been denied", "<p>Press and hold to confirm you are a human.</p>"),
        ("Access Denied", "<p>You don't have permission to access this on this server. Reference #18.2f</p>"),
        ("Pardon Our Interruption", "<p>As you were browsing something made us think you were a bot.</p>"),
        ("news.example", "<p>Please verify you are a human by solving the captcha below.</p>"),
        ("Making sure you&#39;re not a bot!", "<p>Loading...</p>"),
        ("news.example", '<iframe src="https://geo.captcha-delivery.com/captcha/?id=1"></iframe>'),
        ("news.example", "<script>window._cf_chl_opt={cType:'managed'}</script>"),
        ("news.example", "<script src='/_Incapsula_Resource?SWJIYLWA=1'></script><p>One second.</p>"),
    ],
)
def test_a_challenge_page_sent_with_200_is_a_block(title: str, body: str) -> None:
    capture = judged(answer(page(body, title)))
    assert capture.verdict is Verdict.BLOCKED
    assert len(capture.reasons) == 1


def test_an_article_served_past_a_bot_wall_may_carry_the_code_of_the_wall() -> None:
    code = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></body>"
    assert verdict(article().replace("</body>", code)) is Verdict.ARTICLE


def test_a_long_page_whose_whole_title_is_a_challenge_is_a_block() -> None:
    assert verdict(article(title="Just a moment...")) is Verdict.BLOCKED


def test_the_demos_wall_is_a_block_with_its_status_and_without() -> None:
    wall = drawing.bot_wall("news.example", random.Random(1))
    assert judged(answer(wall)).verdict is Verdict.BLOCKED
    assert judged(answer(wall, 403)).verdict is Verdict.BLOCKED


def test_a_503_is_a_block_only_where_it_carries_a_bot_wall() -> None:
    wall = answer(page("<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>", "x"), 503)
    assert refusal(wall) == (Verdict.BLOCKED, "the page is a bot wall, sent with 503")
    assert refusal(answer(article(), 503)) is None


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Before you continue", "<button>Accept all</button><button>Reject all</button>"),
        ("news.example", "<h1>We value your privacy</h1><p>We and our 812 partners store information.</p>"),
        ("Zustimmung", "<p>Mit Werbung weiterlesen oder Abo abschließen</p>"),
        ("news.example", "<p>Accepter et continuer</p>"),
    ],
)
def test_a_wall_of_cookies_is_consent(title: str, body: str) -> None:
    capture = judged(answer(page(body, title)))
    assert capture.verdict is Verdict.CONSENT
    assert capture.reasons[0].startswith("the page says '")


# --------------------------------------------------------------------- absences


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_gone(status: int) -> None:
    assert judged(answer("", status)) == Capture(
        verdict=Verdict.GONE, reasons=(f"the server answered {status}",)
    )


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Page not found | News", "<p>Sorry, try the search.</p>"),
        ("404", "<p>Nothing to see.</p>"),
        ("Error 404", "<p>Nothing to see.</p>"),
        ("404 - Not Found", "<p>Nothing to see.</p>"),
        ("News", "<p>The page you were looking for could not be found, we are afraid.</p>"),
        ("News", "<h1>This story is no longer available</h1>"),
        ("Seite nicht gefunden", "<p>Leider.</p>"),
        ("Page introuvable", "<p>Hélas.</p>"),
        ("Página no encontrada", "<p>Vaya.</p>"),
        ("Pagina non trovata", "<p>Peccato.</p>"),
        ("Página não encontrada", "<p>Que pena.</p>"),
    ],
)
def test_a_missing_page_sent_with_200_is_a_soft_404(title: str, body: str) -> None:
    assert verdict(page(body, title)) is Verdict.SOFT_404


def test_the_demos_removed_page_is_a_soft_404_without_its_status() -> None:
    body = drawing.gone(load_story().pages[1], random.Random(1))
    assert judged(answer(body)).verdict is Verdict.SOFT_404
    assert judged(answer(body, 410)).verdict is Verdict.GONE


def test_an_address_that_leads_to_the_front_page_is_a_soft_404() -> None:
    led = (Redirect(status=302, url=URL),)
    capture = judged(answer(article(), final_url="https://news.example/?from=404", redirects=led))
    assert (capture.verdict, capture.reasons) == (Verdict.SOFT_404, ("the address leads to the front page",))
    assert verdict(article(), final_url="https://news.example/b", redirects=led) is Verdict.ARTICLE


def test_a_watched_front_page_that_redirects_to_itself_is_no_soft_404() -> None:
    front = answer(article(), final_url="https://news.example/", redirects=(Redirect(status=301, url=URL),))
    assert judged(Response(**front.__dict__ | {"url": "http://news.example/"})).verdict is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the answer has no body"),
        (b" \r\n", "the answer has no body"),
        (page("<p>Hello.</p>", "News").encode(), "there is no article text in it"),
        (
            page("<div id=root></div><script>app()</script>", "News").encode(),
            "there is no article text in it; it seems to need JavaScript",
        ),
        (
            page("<noscript>You need to enable JavaScript to run this app.</noscript>", "News").encode(),
            "there is no article text in it; it seems to need JavaScript",
        ),
    ],
)
def test_a_page_without_text_is_empty(body: bytes, reason: str) -> None:
    capture = judged(answer(body))
    assert (capture.verdict, capture.reasons) == (Verdict.EMPTY, (reason,))


@pytest.mark.parametrize(
    "title", ["Service Unavailable", "Error 500", "502 Bad Gateway", "Something went wrong"]
)
def test_an_error_page_sent_with_200_is_suspect(title: str) -> None:
    assert verdict(page("<p>Please try again later.</p>", title)) is Verdict.SUSPECT


# --------------------------------------------------------------------- other kinds of answer


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"%PDF-1.7\n", "text/html"),
        (b"PK\x03\x04", "text/html"),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "text/html"),
        (b"GIF89a", "text/html"),
        (b"\x1f\x8b\x08", "text/html"),
        (b'{"a": 1}', "application/json"),
        (b"Just words, no markup.", "text/plain"),
    ],
)
def test_bytes_that_are_no_page_are_not_html(body: bytes, kind: str) -> None:
    capture = judged(answer(body, headers=(("content-type", kind),)))
    assert capture.verdict is Verdict.NOT_HTML
    assert capture.reasons[0].endswith("not a page")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/xhtml+xml", "TEXT/HTML;charset=x", ""]
)
def test_markup_under_a_wrong_name_is_a_page(kind: str) -> None:
    assert not_html(answer(article(), headers=(("content-type", kind),))) is None


@pytest.mark.parametrize(
    ("status", "asked", "usable"),
    [
        (200, False, True),
        (304, True, True),
        (304, False, False),
        (403, False, True),
        (404, False, True),
        (204, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
def test_an_answer_that_is_neither_page_nor_refusal_is_no_use(status: int, asked: bool, usable: bool) -> None:
    sentence = failed_answer(answer("x", status), asked=asked)
    assert (sentence is None) is usable
    assert sentence is None or f" answered {status}," in sentence


def test_a_file_of_a_folder_is_an_article_unless_it_is_empty() -> None:
    file: dict[str, Any] = {"final_url": "file:///srv/a.txt", "headers": ()}
    assert verdict("Bridge shut\n\nIt was old.", **file) is Verdict.ARTICLE
    assert judged(answer(" \n ", **file)).reasons == ("the file has no text in it",)


# --------------------------------------------------------------------- a text that collapses


def test_a_text_that_collapses_is_suspect_until_it_was_looked_at_twice() -> None:
    for doubts in range(MAX_DOUBTS):
        capture = judged(answer(article(100)), Past(words=1000, doubts=doubts))
        assert capture.verdict is Verdict.SUSPECT
        assert "looked at again before it counts" in capture.reasons[0]
    capture = judged(answer(article(100)), Past(words=1000, doubts=MAX_DOUBTS))
    assert capture.verdict is Verdict.ARTICLE
    assert capture.reasons[0].endswith("3 looks in a row")


def test_a_text_that_collapses_on_a_page_without_an_end_is_truncated_however_often() -> None:
    body = article(100).replace("</html>", "")
    for doubts in range(5):
        assert verdict(body, past=Past(words=1000, doubts=doubts)) is Verdict.TRUNCATED


@pytest.mark.parametrize("words", [0, 60, 79, 200])
def test_an_editor_may_cut_a_text_by_half_or_a_short_one_by_more(words: int) -> None:
    assert verdict(article(100), past=Past(words=words)) is Verdict.ARTICLE
