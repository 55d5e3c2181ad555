"""What an article was before, and what it means that there is less of it now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.verdict.signs import PAYWALL_CODE, PAYWALL_DECLARED, PAYWALL_SAYS, amount
from storage.records import Extraction, Response, Verdict, fold_spaces

_COLLAPSE = 0.4
_COLLAPSE_FROM = 80
_BEGINNING = 0.7
_WALLED = 0.5
_TEASER = 250
_ECHOES = 2
MAX_DOUBTS = 2
"""How often a suspect capture is looked at again before it counts."""

Judgement = tuple[Verdict, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of the article from before.

    ``words`` are those of its latest revision (0: none), ``opening`` is that revision's text or the
    beginning of it, ``doubts`` how many suspect looks there were in a row, and ``echoes`` how many other
    articles of the host have the very text that is judged.
    """

    words: int = 0
    doubts: int = 0
    opening: str = ""
    echoes: int = 0


NEVER_SEEN = Past()


def beside_the_past(response: Response, extraction: Extraction, shown: str, past: Past) -> Judgement:
    """The verdict on a page that looks like an article, for what the article was before."""
    words = amount(extraction.text)
    echoed = _echo(extraction, past)
    if past.words and words < past.words * _BEGINNING:
        cut = _is_cut(extraction, past)
        walled = _walled(response, extraction, shown, past, cut)
        if walled:
            return Verdict.PAYWALL, (f"only {words} of {past.words} words can be seen, and {walled}",)
        if not echoed and past.words >= _COLLAPSE_FROM and (cut or words < past.words * _COLLAPSE):
            return _collapse(response, words, past, cut)
    if echoed:
        return Verdict.SUSPECT, (echoed,)
    offer = _offer(response, extraction, shown) if words < _TEASER else None
    return Verdict.ARTICLE, (f"paywall: {offer}",) if offer else ()


def _collapse(response: Response, words: int, past: Past, cut: bool) -> Judgement:
    fell = f"the text fell from {past.words} words to {words}" + (", its beginning" if cut else "")
    if b"</html" not in response.body[-2000:].lower():
        return Verdict.TRUNCATED, (f"{fell}, and the page has no end",)
    if past.doubts < MAX_DOUBTS:
        return Verdict.SUSPECT, (f"{fell}; it is looked at again before it counts",)
    return Verdict.ARTICLE, (f"{fell}, {past.doubts + 1} looks in a row",)


def _echo(extraction: Extraction, past: Past) -> str | None:
    """That the page says the same as others of its host, unless the article has always said that, or has
    said it often enough by now: a wire report may stand under several addresses."""
    if past.echoes < _ECHOES or past.doubts >= MAX_DOUBTS:
        return None
    text, before = fold_spaces(extraction.text), fold_spaces(past.opening)
    if before and text.startswith(before) and amount(text) <= max(past.words, amount(before)):
        return None
    return f"the same text as {past.echoes} other addresses of this host"


def _is_cut(extraction: Extraction, past: Past) -> bool:
    """Whether the paragraphs are the beginning of what was there before, and nothing else of note.

    An offer to subscribe, and what follows it, is not counted; nor is a mark that the text goes on.
    """
    if not past.opening:
        return False
    before = _letters(past.opening)
    said = _until_the_offer([paragraph.text for paragraph in extraction.paragraphs])
    place, found, total = 0, 0, 0
    for text in said:
        size, letters = len(text.split()), _letters(text)
        at = before.find(letters, place)
        total += size
        if at >= 0:
            place, found = at + len(letters), found + size
    if found < total * 0.8:
        return False
    return place <= len(before) * _BEGINNING or amount(past.opening) < past.words


def _until_the_offer(paragraphs: Sequence[str]) -> list[str]:
    kept = []
    for text in paragraphs:
        offer = PAYWALL_SAYS.search(text[:50_000])
        if offer:
            kept.append(text[: offer.start()])
            break
        kept.append(text)
    return [text for text in kept if _letters(text)]


def _letters(text: str) -> str:
    """The text by which two paragraphs are compared: what differs in case, spaces or points is the same."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _walled(response: Response, extraction: Extraction, shown: str, past: Past, cut: bool) -> str | None:
    """What says that the rest of the text is still there, for those who pay; None: nothing does."""
    words = amount(extraction.text)
    if words >= past.words * _WALLED or not (cut or (not past.opening and words < past.words * _COLLAPSE)):
        return None
    offer = _offer(response, extraction, shown)
    if offer:
        return offer
    code = PAYWALL_CODE.search(response.body[:1_000_000])
    if code:
        return f"the page has a part for those who do not pay, '{code[2].decode()}'"
    found = PAYWALL_SAYS.search(response.body[:500_000].decode("utf-8", "replace"))
    return f"the page says '{fold_spaces(found[0])}'" if found else None


def _offer(response: Response, extraction: Extraction, shown: str) -> str | None:
    """Where the page says outright that there is more for those who pay or sign in; None: nowhere."""
    found = PAYWALL_SAYS.search(extraction.text[:50_000]) or PAYWALL_SAYS.search(shown[:50_000])
    if found:
        return f"the page says '{fold_spaces(found[0])}'"
    declared = PAYWALL_DECLARED.search(response.body)
    return "the page calls itself not free to read" if declared else None
