"""Is it an article at all? Every verdict with its reason, and no article lost for what it is about."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from demo import page as drawing
from demo.story import load_story
from monitor.reader import read
from monitor.verdict import MAX_DOUBTS, SHELL, Past, amount, failed_answer, judge, not_html, refusal
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
    return read(response, past=past)


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


STUB = "Two people have died in a fire at a mill in Kelling, police say."
TIME = "<time datetime='2024-11-17T09:10:00Z'>17 November 2024, 09:10</time>"


def stub(text: str = STUB, time: str = TIME, more: str = "") -> str:
    return page(f"<article><h1>Two dead in fire at mill</h1>{time}<p>{text}</p></article>{more}")


def test_a_sentence_under_a_headline_and_a_time_may_be_a_first_report() -> None:
    assert verdict(stub()) is Verdict.ARTICLE
    assert verdict(stub(more="<script>var page = 1</script>")) is Verdict.ARTICLE


@pytest.mark.parametrize(
    ("html", "past"),
    [
        (stub(time=""), NEVER),
        (stub("Please wait while we bring this story to your screen."), NEVER),
        (stub("Two people have died in a fire at a mill in Kelling, police"), NEVER),
        (stub("Two have died, police say."), NEVER),
        (stub("We and our partners keep cookies on the device in your hand."), NEVER),
        (stub(more="<div id='root'></div><script src='/app.js'></script>"), NEVER),
        (stub(), Past(words=400, opening=STUB)),
    ],
)
def test_but_not_without_a_time_nor_said_to_the_visitor_nor_as_the_rest_of_a_long_one(
    html: str, past: Past
) -> None:
    assert verdict(html, past=past) is not Verdict.ARTICLE


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
    [("CF-Mitigated", "challenge"), ("x-amzn-waf-action", "captcha"), ("X-DD-B", "2")],
)
def test_a_header_that_names_a_bot_wall_is_a_block(header: tuple[str, str]) -> None:
    capture = judged(answer(article(), headers=(*HTML, header)))
    assert capture.verdict is Verdict.BLOCKED
    assert capture.reasons == (f"the header {header[0].lower()} says that this is a bot wall",)


def test_the_mark_of_a_guard_is_a_block_only_where_there_is_next_to_nothing() -> None:
    guarded = (*HTML, ("X-DataDome", "protected"))
    assert verdict(article(), headers=guarded) is Verdict.ARTICLE
    assert verdict(page("<p>Hold on.</p>", "news.example"), headers=guarded) is Verdict.BLOCKED


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


WALLS = [
    ("news.example", "<h1>news.example</h1><p>Verifying you are human. This may take a few seconds.</p>"),
    ("Un momento…", "<p>Verifica que eres humano. Esto puede tardar unos segundos.</p>"),
    ("Nur einen Moment…", "<p>Bestätigen Sie, dass Sie ein Mensch sind.</p>"),
    ("Robot or human?", "<p>Activate and hold the button to confirm that you’re human. Thank You!</p>"),
    ("Request Rejected", "The requested URL was rejected. Your support ID is: 1234567890123456789"),
    ("", "<script>window.KPSDK={};</script>"),
    ("Human Verification", "<script>window.gokuProps={}</script><p>To continue, we need to verify you.</p>"),
    ("Client Challenge", "<p>A required part of this site couldn’t load. Please check your connection.</p>"),
    (
        "451",
        "<p>You come from a country belonging to the European Economic Area, so access is not granted.</p>",
    ),
]


@pytest.mark.parametrize(("title", "body"), WALLS)
def test_the_walls_of_many_makers_are_blocks(title: str, body: str) -> None:
    assert verdict(page(body, title)) is Verdict.BLOCKED


def test_a_wall_with_much_to_say_is_known_by_its_heading() -> None:
    talk = "<p>You see this because the owner protects the site against scrapers. </p>" * 20
    title = "Making sure you&#39;re not a bot!"
    assert verdict(page(f"<h1>{title}</h1>{talk}", f"{title} | The Gazette")) is Verdict.BLOCKED


def test_a_wall_of_cookies_with_much_to_say_is_consent() -> None:
    talk = (
        "<p>We and our partners use cookies and personal data for personalised advertising. Click on Accept all "
        "to give your consent to our partners, or manage your privacy settings. You may withdraw it later.</p>"
    )
    assert verdict(page(f"<h1>Your data</h1>{talk * 6}", "News")) is Verdict.CONSENT


@pytest.mark.parametrize(
    "body",
    [
        "<p>You've reached your free article limit. Subscribe to continue reading.</p>",
        "<h2>Create a free account to keep reading</h2><p>It only takes a minute, and it costs you nothing.</p>",
    ],
)
def test_nothing_but_an_offer_is_a_paywall(body: str) -> None:
    assert verdict(page(body, "News")) is Verdict.PAYWALL


STUBS = [
    "A security check at the airport was halted on Monday after officers found a bag, police said. Flights "
    "were delayed by up to two hours.",
    "The medicine is no longer available in most pharmacies, the ministry said on Friday. It expects new "
    "deliveries by the end of the month.",
    "The bank said it had seen unusual activity on 2,000 accounts and had stopped all payments. No money was "
    "lost, a spokeswoman said.",
    "Fans who waited for hours lost out to bots that solved the captcha in seconds, the promoter said. It will "
    "refund all tickets.",
    "“Just a moment,” the mayor said, and left the room on Tuesday evening. The council elected his deputy an "
    "hour later, by nine votes to six.",
    "The tunnel will be under maintenance for three weeks from Monday, the city said. Buses will run every ten "
    "minutes, and the ferry is free.",
]
BANNER = "<div>We value your privacy. We and our partners use cookies. <button>Accept all</button></div>"


@pytest.mark.parametrize("text", STUBS)
@pytest.mark.parametrize("around", ["", BANNER], ids=["bare", "banner"])
def test_a_first_report_may_speak_of_what_walls_say(text: str, around: str) -> None:
    title = "Officials speak after a long night"
    body = f"<article><h1>{title}</h1><p>{text}</p></article>{around}"
    assert verdict(page(body, f"{title} | The Gazette")) is Verdict.ARTICLE
    assert verdict(page(f"<h1>{title}</h1><p>{text}</p>", title)) is Verdict.ARTICLE


@pytest.mark.parametrize(
    "text",
    ["Please complete the security check.", "We noticed unusual activity.", "Solve the captcha below."],
)
def test_the_same_words_with_nothing_around_them_are_a_wall(text: str) -> None:
    assert verdict(page(f"<p>{text}</p>", "news.example")) is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("https://consent.news.example/collect", Verdict.CONSENT),
        ("https://news.example/login", Verdict.PAYWALL),
        ("https://news.example/404", Verdict.SOFT_404),
        ("https://news.example/captcha/", Verdict.BLOCKED),
        ("https://news.example/en/", Verdict.SOFT_404),
    ],
)
def test_an_address_that_leads_elsewhere_says_what_it_is(place: str, wanted: Verdict) -> None:
    led = (Redirect(status=302, url=URL),)
    assert verdict(article(), final_url=place, redirects=led) is wanted


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
            SHELL,
        ),
        (
            page("<noscript>You need to enable JavaScript to run this app.</noscript>", "News").encode(),
            SHELL,
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


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("404 page not found", Verdict.SOFT_404),
        ("error code: 1020", Verdict.BLOCKED),
        ("upstream connect error or disconnect/reset before headers", Verdict.SUSPECT),
        ("<pre>Cannot GET /a/b</pre>", Verdict.SUSPECT),
        ("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", Verdict.BLOCKED),
        ("<Error><Code>NoSuchKey</Code></Error>", Verdict.SOFT_404),
        ("# Just a moment...\n\nChecking your browser.", Verdict.BLOCKED),
        (page("<p>Buy this domain. It is offered for sale.</p>", "gazette.example"), Verdict.SOFT_404),
        (page("<p>Your browser is not supported. Please upgrade.</p>", "News"), Verdict.SUSPECT),
        (page("<div id='app'></div><p>" + "Terms and contact and imprint. " * 8 + "</p>", ""), Verdict.EMPTY),
        ("Words of a text, and no page around them. " * 8, Verdict.NOT_HTML),
        ("<!-- nothing -->", Verdict.EMPTY),
        ("\0" * 500, Verdict.EMPTY),
        ("a\0\0\0" * 500, Verdict.NOT_HTML),
        (" %PDF-1.4", Verdict.NOT_HTML),
        ('{"error": "forbidden"}', Verdict.NOT_HTML),
        ("<?xml version='1.0'?><rss version='2.0'></rss>", Verdict.NOT_HTML),
    ],
)
def test_a_raw_answer_gets_a_verdict_and_a_reason(body: str, wanted: Verdict) -> None:
    capture = judged(answer(body))
    assert capture.verdict is wanted
    assert capture.reasons[0]


def test_a_text_that_cannot_be_decoded_is_suspect() -> None:
    capture = judged(answer(article().replace("bridge", "br\ufffd\ufffddge")))
    assert capture.verdict is Verdict.SUSPECT
    assert "cannot be decoded" in capture.reasons[0]


def test_what_kept_a_page_from_being_read_makes_it_suspect() -> None:
    extraction = judged(answer(article())).extraction
    assert extraction is not None
    trouble = ("the page is nested deeper than can be read",)
    assert judge(answer(article()), extraction, "", "", NEVER, trouble) == (Verdict.SUSPECT, trouble)


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


# --------------------------------------------------------------------- a text behind a paywall


def told(count: int) -> list[str]:
    return [
        f"Speaker {n} told the council on Tuesday that the old bridge must be closed for {n} weeks at least."
        for n in range(count)
    ]


def news(paragraphs: list[str], after: str = "", head: str = "", end: str = "</html>") -> str:
    inside = "".join(f"<p>{text}</p>" for text in paragraphs)
    title = "Council votes to close the old bridge"
    return page(f"{head}<article><h1>{title}</h1>{inside}{after}</article>", title, end)


WHOLE = Past(words=760, opening="\n\n".join(told(40)))


@pytest.mark.parametrize(
    ("after", "head"),
    [
        ("<p>Subscribe to continue reading.</p>", ""),
        ("<p>Weiterlesen mit dem Digital-Abo</p>", ""),
        ("<p>Article réservé aux abonnés</p>", ""),
        ("<p>Suscríbete para seguir leyendo</p>", ""),
        ("<p>Contenuto riservato agli abbonati</p>", ""),
        ("<p>Conteúdo exclusivo para assinantes</p>", ""),
        ("<div class='tp-modal'></div>", ""),
        ("", '<script type="application/ld+json">{"isAccessibleForFree": false}</script>'),
    ],
)
def test_an_article_seen_whole_of_which_the_beginning_is_left_is_behind_a_paywall(
    after: str, head: str
) -> None:
    for doubts in (0, MAX_DOUBTS):
        past = Past(words=WHOLE.words, opening=WHOLE.opening, doubts=doubts)
        assert verdict(news(told(4), after, head), past=past) is Verdict.PAYWALL


@pytest.mark.parametrize("past", [NEVER, Past(words=76, opening="\n\n".join(told(4)))])
def test_a_teaser_that_was_all_there_ever_was_is_an_article(past: Past) -> None:
    capture = judged(answer(news(told(4), "<p>Already a subscriber? Sign in.</p>")), past)
    assert capture.verdict is Verdict.ARTICLE
    assert capture.reasons[0].startswith("paywall: ")


def test_a_whole_text_with_the_code_of_a_paywall_is_an_article() -> None:
    assert verdict(news(told(40), "<div class='paywall'></div>"), past=WHOLE) is Verdict.ARTICLE


def test_a_text_that_was_rewritten_shorter_is_not_behind_a_paywall() -> None:
    other = [text.replace("Speaker", "Witness").replace("bridge", "tunnel") for text in told(8)]
    assert verdict(news(other, "<div class='paywall'></div>"), past=WHOLE) is Verdict.SUSPECT


# --------------------------------------------------------------------- a text of which a part is left


def test_only_the_beginning_of_a_text_is_suspect_until_it_was_looked_at_twice() -> None:
    for doubts, wanted in ((0, Verdict.SUSPECT), (1, Verdict.SUSPECT), (2, Verdict.ARTICLE)):
        past = Past(words=WHOLE.words, opening=WHOLE.opening, doubts=doubts)
        capture = judged(answer(news(told(24))), past)
        assert capture.verdict is wanted
        assert "its beginning" in capture.reasons[0]
    assert verdict(news(told(24), end=""), past=WHOLE) is Verdict.TRUNCATED


def test_a_text_that_lost_its_middle_or_a_little_of_its_end_is_an_article() -> None:
    texts = told(40)
    assert verdict(news(texts[:10] + texts[24:]), past=WHOLE) is Verdict.ARTICLE
    assert verdict(news(texts[:32]), past=WHOLE) is Verdict.ARTICLE


def test_a_retraction_is_suspect_twice_and_then_an_article() -> None:
    words = (
        "This article has been retracted. It did not meet our standards, and it is no longer available. The "
        "editors regret that it was published, and will review how that came about in the coming weeks."
    )
    for doubts, wanted in ((0, Verdict.SUSPECT), (1, Verdict.SUSPECT), (2, Verdict.ARTICLE)):
        past = Past(words=WHOLE.words, opening=WHOLE.opening, doubts=doubts)
        assert verdict(news([words]), past=past) is wanted


def test_the_same_text_as_other_addresses_is_suspect_unless_it_has_always_been() -> None:
    body = news(told(10))
    capture = judged(answer(body), Past(echoes=2))
    assert capture.verdict is Verdict.SUSPECT
    assert capture.reasons == ("the same text as 2 other addresses of this host",)
    assert verdict(body, past=Past(echoes=1)) is Verdict.ARTICLE
    assert verdict(body, past=Past(echoes=5, words=190, opening="\n\n".join(told(10)))) is Verdict.ARTICLE
    assert verdict(body, past=Past(echoes=5, words=760, opening=WHOLE.opening)) is Verdict.SUSPECT
