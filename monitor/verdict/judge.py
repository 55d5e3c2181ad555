"""The order in which a page that was read is doubted, and what counts for an article."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property

from monitor.verdict.before import Judgement, Past, beside_the_past
from monitor.verdict.signs import (
    ADDRESSES,
    ANY_MARKUP,
    DECLARED,
    NEEDS_SCRIPT,
    PAYWALL_SAYS,
    SHELL_CODE,
    SHORT,
    SPOKEN,
    TIMED,
    Phrases,
    amount,
    carries_check,
    carries_wall,
)
from storage.records import Extraction, Response, Verdict, fold_spaces

_LEAST_WORDS = 20
_STUB = 8  # words of a first report that is to grow
_ENDS = '.!?…"”»。'
_VERY_SHORT = 40
_LONGEST_NOTICE = 600
_UNDECODED = 0.01
LONGEST = 2_000_000  # letters; a Bible has four million
_BARE = 60  # words that a page shows in all: around a text that scripts are to bring there may be more
SHELL = "there is no article text in it: it is a shell that a script is to fill"
"""The reason that says of a page that it is to be opened in a browser."""
_ENOUGH = 20_000  # letters of a text; one without spaces may have few words and no end

_TITLE_PARTS = re.compile(r"\s+[|·•»–—-]+\s+|\s*[|»]\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?…。])\s+")
_NOT_PROSE = re.compile(r"!?\[[^\]]{0,500}\]\([^)]{0,2000}\)|https?://\S+|[=_*#-]{3,}")
_FRONT_PATH = re.compile(r"/?((index|home|default)(\.\w{2,5})?|[a-z]{2}([-_][a-z]{2})?)?/?", re.IGNORECASE)
_LED_TO = (
    (
        Verdict.CONSENT,
        "asks for consent",
        re.compile(r"[/.](collect-?)?consent\b|privacy-?gate|cookie-?(wall|consent)", re.IGNORECASE),
    ),
    (
        Verdict.PAYWALL,
        "asks to sign in",
        re.compile(
            r"/(log-?in|sign-?(in|up)|register|registration|subscribe|subscription|abo|anmelden|connexion|acceso)\b",
            re.IGNORECASE,
        ),
    ),
    (
        Verdict.SOFT_404,
        "stands for what is missing",
        re.compile(r"/(errors?/)?(404|not-?found|page-?not-?found)\b", re.IGNORECASE),
    ),
    (
        Verdict.BLOCKED,
        "is a bot wall",
        re.compile(r"/(captcha|challenge|blocked|access-?denied|sorry/index)\b", re.IGNORECASE),
    ),
)
_RETRACTED = re.compile(
    r"retract|withdr[ae]w|zurückgezogen|rétract|retirad|retractad|ritirat|ritrattat|"
    r"did not meet our (editorial )?standards",
    re.IGNORECASE,
)
_CONSENT_WORD = re.compile(
    r"\b(cookies?|consent\w*|einwillig\w+|zustimm\w+|partners?|partnern?|partenaires|socios|parceiros|"
    r"privacy|datenschutz\w*|personal data|personenbezogene\w*|données|datos|dati|dados|advertis\w+|werbung|"
    r"publicité|publicidad\w*|pubblicità|vendors?)\b",
    re.IGNORECASE,
)
_CONSENT_BUTTON = re.compile(
    r"(accept|reject|agree to|allow) all|\bI (agree|accept)\b|manage (my )?(settings|options|choices|preferences)|"
    r"alle (akzeptieren|ablehnen)|einstellungen verwalten|tout (accepter|refuser)|(aceptar|rechazar) todo|"
    r"(accetta|rifiuta) tutt[oi]|(aceitar|rejeitar) tud?o",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Page:
    """One page, and what it has for and against being an article."""

    response: Response
    extraction: Extraction
    title: str
    shown: str

    @cached_property
    def words(self) -> int:
        return amount(self.extraction.text)

    @cached_property
    def says(self) -> str:
        """Where a phrase may stand; around a text that may be an article's there may be any banner."""
        around = self.shown if amount(self.shown) < SHORT and not self.is_report else ""
        parts = (self.title, self.extraction.headline or "", self.extraction.text[:_ENOUGH], around)
        return fold_spaces(" \n".join(parts))[:8000]

    @cached_property
    def headings(self) -> list[str]:
        """The headline and the parts of the title, each of which may be a message of its own."""
        title = self.title[:500]
        parts = [(self.extraction.headline or "")[:500], title, *_TITLE_PARTS.split(title)]
        return [part for part in (fold_spaces(part).strip(" .!…:") for part in parts) if part]

    @cached_property
    def is_signed(self) -> bool:
        """Whether it has an author or, in its markup, a time, as no wall and no error page has."""
        found = self.extraction
        dated = (found.published_at or found.modified_at) and TIMED.search(self.response.body)
        return bool(found.byline or dated)

    @cached_property
    def is_declared(self) -> bool:
        return self.is_signed or DECLARED.search(self.response.body) is not None

    @cached_property
    def is_report(self) -> bool:
        """Whether some sentences under a headline may be a report: it says that it is one, or it has
        no word to the visitor."""
        if amount(self.report) < _LEAST_WORDS:
            return False
        titled = len((self.extraction.headline or "").split()) > 1
        return self.is_declared or (titled and not ADDRESSES.search(self.report))

    @cached_property
    def is_stub(self) -> bool:
        """Whether a few words may be all that there is of an article yet: whole sentences under a headline,
        signed, with no word to the visitor and no script that is to bring the rest."""
        text, headline = self.extraction.text.strip(), self.extraction.headline or ""
        if self.words < _STUB or len(headline.split()) < 3 or not self.is_signed:
            return False
        told = _CONSENT_WORD.search(text) or ADDRESSES.search(text) or NEEDS_SCRIPT.search(text)
        return text[-1] in _ENDS and not told and not SHELL_CODE.search(self.response.body)

    @cached_property
    def report(self) -> str:
        """The text without a banner that may have got into it."""
        return _prose(self.extraction.text, _CONSENT_WORD)


def judge(
    response: Response,
    extraction: Extraction,
    title: str,
    shown: str,
    past: Past,
    troubles: tuple[str, ...] = (),
) -> Judgement:
    """The verdict on a page whose status and type speak for it.

    :param title: the page's ``<title>``.
    :param shown: all text that the page shows, without scripts; needed only where the text has fewer
        than ``SHORT`` words.
    :param past: what this article was before.
    :param troubles: what kept the page from being read as it should be.
    """
    response = replace(response, body=response.body.replace(b"\0", b""))  # signs in UTF-16 are read as ASCII
    page = _Page(response, extraction, title, shown)
    doubt = _spoken(page) or _led_elsewhere(page) or _code(page)
    if doubt is not None:
        return doubt[0], (doubt[1],)
    unread = troubles or _undecoded(extraction.text) or _endless(extraction.text)
    if unread:
        return Verdict.SUSPECT, unread
    doubt = _nothing_there(page, past)
    if doubt is not None:
        return doubt[0], (doubt[1],)
    return beside_the_past(response, extraction, shown, past)


Doubt = tuple[Verdict, str] | None


def _spoken(page: _Page) -> Doubt:
    """What the page says of itself, in its headings or, where it is short, anywhere."""
    retracted = _LEAST_WORDS <= page.words < SHORT and _RETRACTED.search(page.says) is not None
    heard = [phrases for phrases in SPOKEN if not (retracted and phrases.verdict is Verdict.SOFT_404)]
    for listen in (_heading, _phrase):
        for phrases in heard:
            found = listen(page, phrases)
            if found:
                return phrases.verdict, f"the page says '{found}'"
    return _wall_of_cookies(page)


def _heading(page: _Page, phrases: Phrases) -> str | None:
    """A heading that is nothing but the message; an author's name or a time outweighs it."""
    if page.is_signed and page.words >= _VERY_SHORT:
        return None
    return next(
        (
            heading
            for heading in page.headings
            if phrases.titles.fullmatch(heading) or _fills(phrases.plain.search(heading), heading)
        ),
        None,
    )


def _fills(found: re.Match[str] | None, heading: str) -> bool:
    return found is not None and 4 * len(found[0].split()) >= 3 * len(heading.split())


def _phrase(page: _Page, phrases: Phrases) -> str | None:
    """A phrase in a short page: a plain one, or a loose one with a second sign.

    What may be a report only speaks of such things, unless it has a word to the visitor.
    """
    if page.words >= SHORT:
        return None
    told = page.is_report and (page.is_signed or not ADDRESSES.search(page.report))
    found = None if told else phrases.plain.search(page.says)
    if found is None and not page.is_report:
        second = page.words < _VERY_SHORT or not page.extraction.headline or _carries_wall(page)
        found = phrases.loose.search(page.says) if second else None
    return fold_spaces(found[0]) if found else None


def _carries_wall(page: _Page) -> bool:
    guarded = "protected" in (page.response.header("x-datadome") or "").lower()  # on its articles too
    return guarded or carries_wall(page.response.body)


def _wall_of_cookies(page: _Page) -> Doubt:
    """A page about nothing but consent, however much it has to say about that."""
    if page.words > _LONGEST_NOTICE:
        return None
    text = f"{page.extraction.text} {page.shown if page.words < SHORT else ''}"[:_ENOUGH]
    button, spoken = _CONSENT_BUTTON.search(text), len(_CONSENT_WORD.findall(text))
    if button and spoken >= 6 and spoken >= amount(text) * 0.04 and not page.is_declared:
        return Verdict.CONSENT, f"the page says '{button[0]}' and speaks of consent {spoken} times"
    return None


def _led_elsewhere(page: _Page) -> Doubt:
    """Where a redirect has led to, if that is known by its address not to be an article."""
    asked, answered = page.response.url, page.response.final_url
    if not page.response.redirects or answered == asked:
        return None
    if _is_front(answered) and not _is_front(asked):
        return Verdict.SOFT_404, "the address leads to the front page"
    for verdict, what, pattern in _LED_TO:
        place = answered.partition("?")[0]
        if pattern.search(place) and not pattern.search(asked) and not page.is_signed:
            return verdict, f"the address leads to a page that {what}"
    return None


def _is_front(url: str) -> bool:
    path = re.split(r"[?#]", url.partition("://")[2])[0].partition("/")[2]
    return _FRONT_PATH.fullmatch(path) is not None


def _code(page: _Page) -> Doubt:
    """The code of a bot wall around next to no text."""
    if page.words >= SHORT or amount(page.shown) >= 2 * SHORT:
        return None
    if page.is_declared and page.words >= _LEAST_WORDS:
        return None
    if _carries_wall(page) or (page.words < _VERY_SHORT and carries_check(page.response.body)):
        return Verdict.BLOCKED, "the page is short and carries the code of a bot wall"
    return None


def _undecoded(text: str) -> tuple[str, ...]:
    lost = text.count("\ufffd")
    if lost <= len(text) * _UNDECODED:
        return ()
    return (f"the text cannot be decoded: {lost} letters of it are lost",)


def _endless(text: str) -> tuple[str, ...]:
    if len(text) <= LONGEST:
        return ()
    return (f"the text has {len(text):,} letters, and no article has more than {LONGEST:,}",)


def _nothing_there(page: _Page, past: Past) -> Doubt:
    """That there is no article text, or that it is in no page; a first report may be a sentence, what is
    left of a longer one is not."""
    if page.words < SHORT:
        wanting = PAYWALL_SAYS.search(page.says)
        if wanting and amount(_prose(page.extraction.text, PAYWALL_SAYS)) < _LEAST_WORDS:
            return Verdict.PAYWALL, f"the page says '{fold_spaces(wanting[0])}' and next to nothing else"
        own = page.words if page.words < _LEAST_WORDS else amount(_prose(page.extraction.text))
        body = page.response.body
        if page.is_stub and past.words < SHORT:
            return None
        if own < _LEAST_WORDS or (SHELL_CODE.search(body) and not page.is_declared):
            return Verdict.EMPTY, _why_empty(page)
    if not ANY_MARKUP.search(page.response.body):
        return Verdict.NOT_HTML, "there is no markup in it, so it is not a page"
    return None


def _why_empty(page: _Page) -> str:
    body = page.response.body
    if page.response.browser is not None:
        return "there is no article text in it, although its scripts were run"
    scripted = b"<script" in body.lower()
    asks = NEEDS_SCRIPT.search(page.says)
    if asks or SHELL_CODE.search(body) or (scripted and amount(page.shown) < _BARE):
        return SHELL
    return "there is no article text in it" + ("; it seems to need JavaScript" if scripted else "")


def _prose(text: str, asking: re.Pattern[str] = NEEDS_SCRIPT) -> str:
    """The text without addresses and without what only asks for something."""
    sentences = _SENTENCE_END.split(_NOT_PROSE.sub(" ", text[:_ENOUGH]))
    return " ".join(sentence for sentence in sentences if not asking.search(sentence))
