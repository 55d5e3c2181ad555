"""read(): a Response into a Capture; this is what a child does with one page. Pure."""

from __future__ import annotations

from lxml.etree import _Element

from monitor.extract import NOTHING_TOLD, Known, decode, extract_plain, learn, read_page
from monitor.verdict import LONGEST, NEVER_SEEN, SHORT, Past, amount, judge, not_html, refusal
from storage.records import Capture, Response, Told, Verdict, fold_spaces


def read(
    response: Response, told: Told = NOTHING_TOLD, past: Past = NEVER_SEEN, known: Known | None = None
) -> Capture:
    """What a child does with one response. A file of a watched folder is plain text."""
    refused = refusal(response)
    if refused is not None:
        return Capture(verdict=refused[0], reasons=(refused[1],))
    if response.final_url.startswith("file:"):
        return read_plain(response.body)
    wrong = not_html(response)
    if wrong is not None:
        return Capture(verdict=Verdict.NOT_HTML, reasons=(wrong,))
    if not response.body.strip():
        return Capture(verdict=Verdict.EMPTY, reasons=("the answer has no body",))
    return _read_page(response, told, past, known)


def read_plain(body: bytes) -> Capture:
    """Plain text: an article as it stands, unless there is none."""
    extraction = extract_plain(decode(body))
    if not extraction.paragraphs:
        return Capture(verdict=Verdict.EMPTY, reasons=("the file has no text in it",), extraction=extraction)
    return Capture(verdict=Verdict.ARTICLE, extraction=extraction)


def _read_page(response: Response, told: Told, past: Past, known: Known | None) -> Capture:
    kind, url = response.header("content-type"), response.final_url
    page = read_page(response.body, url=url, content_type=kind, told=told, known=known)
    if page.recognised is not None and known is not None:
        reasons = page.recognised.reasons
        return Capture(
            verdict=Verdict.ARTICLE, reasons=reasons, extraction=page.extraction, locator=known.locator
        )
    title = _title(page.root)
    shown = _shown(page.root) if amount(page.extraction.text) < SHORT else ""
    verdict, reasons = judge(response, page.extraction, title, shown, past, page.troubles)
    settled = verdict is Verdict.ARTICLE and not past.doubts  # else there are reasons that pass
    found = learn(page, url, told) if settled else None
    locator = found.form(reasons) if found else None
    kept = page.extraction if len(page.extraction.text) <= LONGEST else None  # nobody has a use for that much
    return Capture(verdict=verdict, reasons=reasons, extraction=kept, locator=locator)


def _shown(root: _Element | None) -> str:
    """The visible text of a page, as far as a verdict needs it."""
    if root is None:
        return ""
    hidden = ("script", "style", "template")
    texts = (
        text
        for element in root.iter()
        for text in ((element.text if element.tag not in hidden else None), element.tail)
        if text
    )
    return fold_spaces(" ".join(texts))


def _title(root: _Element | None) -> str:
    found = None if root is None else next(root.iter("title"), None)
    return "" if found is None else fold_spaces("".join(found.itertext()))
