"""judge(): is this capture an article at all?

Looks at what the server said, at how little or what kind of text there is, and at how much there
was the last time. Every verdict comes with its reasons in words. Only ARTICLE can make a revision;
when in doubt, it is not one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.records import Extraction, Response, Verdict

_BLOCKING_STATUS = frozenset({401, 402, 403, 407, 418, 429, 451, 999})
_BLOCKING_HEADERS = (("cf-mitigated", "challenge"), ("x-amzn-waf-action", ""), ("x-datadome", "protected"))
_SHORT = 150
_LEAST_WORDS = 20
_COLLAPSE = 0.4
_COLLAPSE_FROM = 80
MAX_DOUBTS = 2
"""How often a suspect capture is looked at again before it counts."""

_CHALLENGE = re.compile(
    r"just a moment\b|attention required|checking (if|your browser)|verify(ing)? (that )?you(['’]re| are) "
    r"(a )?(not a )?(human|robot|bot)|not a (ro)?bot\b|are you a (human|robot)|"
    r"access (to this page )?(has been |is )?denied|"
    r"pardon our interruption|captcha|unusual (traffic|activity)|enable javascript and cookies|request unsuccessful|"
    r"you have been blocked|security (check|verification)|ddos protection|bot (detection|protection)",
    re.IGNORECASE,
)
_CHALLENGE_CODE = re.compile(
    rb"/cdn-cgi/challenge-platform|cf-chl-|_cf_chl_opt|jschl[-_]|g-recaptcha|hcaptcha\.com|geo\.captcha-delivery|"
    rb"_Incapsula_Resource|px-captcha|sgcaptcha|awswaf|anubis_challenge|/\.within\.website/",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|consent(\.|/|\s+to\b)|we (value|care about) your privacy|accept (all )?cookies|"
    r"cookie[- ]?(wall|consent)|zustimmung|mit werbung weiterlesen|accepter et continuer",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"(error|http|status|code)\W{0,3}404\b|\b404\b\W{0,3}(not|error|page|file)\b|^\W*404\W*($|\|)|"
    r"page (was )?not found|page (you|that you)[^.]{0,40}(not|n['’]t) (be found|exist)|no longer (available|exists)|"
    r"seite (wurde )?nicht gefunden|page introuvable|página no encontrada|pagina non trovata|página não encontrada",
    re.IGNORECASE,
)
_FAILING = re.compile(
    r"(error|http|status|code)\W{0,3}50[0234]\b|\b50[0234]\W{0,3}(internal|bad|service|gateway|error|server)\b|"
    r"internal server error|service unavailable|bad gateway|application error|(under|for) maintenance|"
    r"temporarily unavailable|something went wrong",
    re.IGNORECASE,
)
_SCRIPT_SHELL = re.compile(
    r"(enable|requires?|activer|aktivieren).{0,20}javascript|javascript.{0,30}(required|disabled)", re.I
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip file"),
)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_HTML_SIGNS = re.compile(rb"<(!doctype|html|head|body|article|div|p|title|meta|script)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What is known of the article from before: words of its latest revision (0: none), and how
    many suspect looks there were in a row."""

    words: int = 0
    doubts: int = 0


def refusal(response: Response) -> tuple[Verdict, str] | None:
    """What status and headers alone say against an article; None: nothing."""
    for name, wanted in _BLOCKING_HEADERS:
        value = response.header(name)
        if value is not None and wanted in value.lower():
            return Verdict.BLOCKED, f"the header {name} says that this is a bot wall"
    if response.status in (404, 410):
        return Verdict.GONE, f"the server answered {response.status}"
    if response.status in _BLOCKING_STATUS:
        return Verdict.BLOCKED, f"the server answered {response.status}"
    if response.status == 503 and _CHALLENGE_CODE.search(response.body):
        return Verdict.BLOCKED, "the page is a bot wall, sent with 503"
    return None


NEVER_SEEN = Past()


def failed_answer(response: Response, *, asked: bool) -> str | None:
    """Why that answer is no use at all, in a sentence; None: it can be read or judged.

    :param asked: the request was conditional, so that a 304 is an answer.
    """
    if response.status == 200 or (response.status == 304 and asked) or refusal(response) is not None:
        return None
    return f"{response.final_url} answered {response.status}, which is neither a page nor a refusal."


def not_html(response: Response) -> str | None:
    """Why these bytes cannot be a page; None: they can."""
    for magic, name in _MAGIC:
        if response.body.startswith(magic):
            return f"the bytes are {name}, not a page"
    kind = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if kind in ("", "text/html", "application/xhtml+xml"):
        return None
    if _HTML_SIGNS.search(response.body[:2048]) and kind in ("text/plain", "application/xml", "text/xml"):
        return None
    return f"the server calls it {kind}, not a page"


def judge(
    response: Response, extraction: Extraction, title: str, shown: str, past: Past
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on a page whose status and type speak for it.

    :param title: the page's ``<title>``.
    :param shown: all text that the page shows, without scripts.
    :param past: what this article was before.
    """
    words = amount(extraction.text)
    brief = f"{title} {shown}"[:3000] if words < _SHORT else title
    for verdict, reason in (
        *_walls(response, brief, words, shown),
        *_absences(response, brief, title, words),
    ):
        return verdict, (reason,)
    return _collapse(response, words, past)


def _walls(response: Response, brief: str, words: int, shown: str) -> list[tuple[Verdict, str]]:
    found = _CHALLENGE.search(brief)
    if found and (words < _SHORT or found[0].strip() == brief.strip(" .!…")):
        return [(Verdict.BLOCKED, f"the page says '{found[0].strip()}'")]
    if words < _SHORT and amount(shown) < _SHORT * 2 and _CHALLENGE_CODE.search(response.body):
        return [(Verdict.BLOCKED, "the page is short and carries the code of a bot wall")]
    found = _CONSENT.search(brief) if words < _LEAST_WORDS * 2 else None
    return [(Verdict.CONSENT, f"the page says '{found[0].strip()}'")] if found else []


def _absences(response: Response, brief: str, title: str, words: int) -> list[tuple[Verdict, str]]:
    found = _MISSING.search(title) or _MISSING.search(brief)
    if found and words < _SHORT:
        return [(Verdict.SOFT_404, f"the page says '{found[0].strip()}'")]
    if response.redirects and _is_front(response.final_url) and not _is_front(response.url):
        return [(Verdict.SOFT_404, "the address leads to the front page")]
    failing = _FAILING.search(title) or (words < _LEAST_WORDS * 2 and _FAILING.search(brief))
    if failing and words < _SHORT:
        return [(Verdict.SUSPECT, f"the page says '{failing[0].strip()}'")]
    if words >= _LEAST_WORDS:
        return []
    if _SCRIPT_SHELL.search(brief) or b"<script" in response.body.lower():
        return [(Verdict.EMPTY, "there is no article text in it; it seems to need JavaScript")]
    return [(Verdict.EMPTY, "there is no article text in it")]


def _collapse(response: Response, words: int, past: Past) -> tuple[Verdict, tuple[str, ...]]:
    if past.words < _COLLAPSE_FROM or words >= past.words * _COLLAPSE:
        return Verdict.ARTICLE, ()
    fell = f"the text fell from {past.words} words to {words}"
    if b"</html" not in response.body[-2000:].lower():
        return Verdict.TRUNCATED, (f"{fell}, and the page has no end",)
    if past.doubts < MAX_DOUBTS:
        return Verdict.SUSPECT, (f"{fell}; it is looked at again before it counts",)
    return Verdict.ARTICLE, (f"{fell}, {past.doubts + 1} looks in a row",)


def amount(text: str) -> int:
    """How much text that is, in words; scripts without spaces count two characters as a word."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2


def _is_front(url: str) -> bool:
    return url.partition("://")[2].partition("?")[0].partition("/")[2].strip("/") == ""
