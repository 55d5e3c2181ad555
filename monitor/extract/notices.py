"""Notices: where an outlet says of its own article that it is breaking, updated or corrected.

The phrases are those that newsrooms use in English, German, French, Spanish, Italian and
Portuguese. A notice is looked for where newsrooms put it: in the first and last blocks. A bare
automatic "Updated 14:05" is not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lxml.etree import XPath, _Element

from storage.records import Notice, NoticeKind, Paragraph, fold_spaces

_EDGE = 3
_LONGEST = 120


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


_LABELLED = (
    (
        NoticeKind.CORRECTION,
        _any_of(
            r"^\W*corrections?( and clarifications?)?\b(?!al)[^.:]{0,40}[:—–]",
            r"^\W*(korrektur(hinweis)?|berichtigung|rectificatif|erratum|fe de errores?)\b[^.:]{0,40}[:—–]",
            r"^\W*(corrección|rectificación|rettifica|errata corrige|correzione|errata|correção)\b[^.:]{0,40}[:—–]",
            r"\ban? (earlier|previous|prior|original) version of this (article|story|report|post|headline|caption)",
            r"\bthis (article|story|post|report|piece|headline) (was|has been) (amended|corrected)\b",
            r"\b(misstated|misspelled|misidentified|incorrectly (stated|identified|attributed))\b.{0,200}\bversion\b",
            r"\bwe (regret|apologi[sz]e for) the error\b",
            r"\bin einer (früheren|ersten|vorherigen) (version|fassung) (dieses|des) (artikels|textes|beitrags)",
            r"\bursprünglich hieß es\b",
            r"\bwir haben (das|den fehler|dies) (korrigiert|berichtigt)",
            r"\bune (première|précédente) version de (cet article|ce texte)",
            r"\bcet article a été (modifié|corrigé)",
            r"\b(en )?una versión (anterior|previa) de (este|esta)",
            r"\buna versione precedente di questo articolo",
            r"\b(uma )?versão anterior (deste|desta)",
        ),
    ),
    (
        NoticeKind.CLARIFICATION,
        _any_of(
            r"^\W*(clarifications?|klarstellung|précision|aclaración|precisazione|esclarecimento)\b[^.:]{0,40}[:—–]"
        ),
    ),
    (
        NoticeKind.EDITORS_NOTE,
        _any_of(
            r"^\W*editor['’]?s?['’]? note\b[^.:]{0,40}[:—–]",
            r"\b(anm\.|anmerkung) d(er|\.) red(aktion|\.)",
            r"^\W*(note de la rédaction|nota de (la )?redacción|nota della redazione|nota da redação)\b",
        ),
    ),
    (
        NoticeKind.BREAKING,
        _any_of(
            r"\bthis is a (breaking|developing) (news )?story\b",
            r"\bthis breaking news story is being updated\b",
            r"\bbreaking news,? more to follow\b",
            r"^\W*more (details )?(to follow|soon|to come)\b",
            r"\b(check|come) back (here )?(soon|for updates)\b",
            r"\b(wird laufend aktualisiert|mehr in kürze)\b",
            r"\bplus d['’]informations à (suivre|venir)\b",
            r"\b(noticia en desarrollo|en breve,? más información|habrá ampliación)\b",
            r"\b(notizia in aggiornamento|seguono aggiornamenti)\b",
            r"\b(mais informações em instantes|notícia em atualização)\b",
        ),
    ),
    (
        NoticeKind.UPDATE,
        _any_of(
            r"^\W*updated?\b[^.:\d]{0,40}[:—–]\s*(?=\D{0,8}[a-z]{3})",
            r"\bthis (article|story|post|report) (was|has been) updated (to|with|after|since)\b",
            r"^\W*(mise à jour|actualización|aggiornamento|atualização)\b[^.:\d]{0,40}[:—–]\s*(?=\D{0,8}\w{3})",
        ),
    ),
)
_LABEL_ONLY = _any_of(
    r"^\W*(breaking( news)?|developing( story)?|eilmeldung|urgent|última hora|ultim['’]ora)\W*$"
)
_CALLED = XPath(
    "//*[self::div or self::span or self::p or self::strong or self::section or self::aside][contains(@class,'reaking')"
    " or contains(@class,'eveloping') or contains(@class,'orrection') or contains(@class,'larification')"
    " or contains(@class,'ditor') or contains(@class,'pdate')]"
)
_TIME_WORDS = frozenset(
    "at on today yesterday ago hour hours minute minutes min mins am pm a m p h uhr et est edt pt pst pdt gmt bst "
    "utc cet cest ist monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat "
    "sun january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec".split()
)


def find_labels(root: _Element) -> Iterator[str]:
    """Texts whose element says by its class that they are a notice, wherever they stand; a mere label
    only beside the page's heading, since a ticker of other news is called the same."""
    for element in _CALLED(root):
        text = fold_spaces("".join(element.itertext()))
        if not text or len(text.split()) > _LONGEST:
            continue
        if notice_kind(text) is not None or (_LABEL_ONLY.search(text) and _beside_heading(element)):
            yield text


def _beside_heading(element: _Element) -> bool:
    for around in islice(element.iterancestors(), 3):
        if next(around.iter("h1"), None) is not None:
            return around.tag not in ("body", "html")
    return False


def find_notices(
    paragraphs: Sequence[Paragraph], labels: Iterable[str], corrections: Iterable[str], live: bool
) -> tuple[Notice, ...]:
    """All notices of one article, each text once.

    :param labels: short texts that stand beside the headline.
    :param corrections: what the page's own metadata calls corrections.
    """
    found: dict[str, Notice] = {}
    edges = [*paragraphs[:_EDGE], *paragraphs[max(_EDGE, len(paragraphs) - _EDGE) :]]
    for text in [paragraph.text for paragraph in edges]:
        kind = notice_kind(text)
        if kind is not None:
            found.setdefault(_key(text), Notice(kind=kind, text=text))
    for label in labels:
        kind = notice_kind(label)
        if kind is None and _LABEL_ONLY.search(label) and not _holds(found, NoticeKind.BREAKING):
            kind = NoticeKind.BREAKING  # a mere "Breaking" beside a notice that says so is that notice
        if kind is not None:
            found.setdefault(_key(label), Notice(kind=kind, text=fold_spaces(label)))
    for correction in corrections:
        if not any(_key(correction) in key or key in _key(correction) for key in found):
            found[_key(correction)] = Notice(kind=NoticeKind.CORRECTION, text=correction)
    if live:
        found["live"] = Notice(kind=NoticeKind.LIVE, text="Live")
    return tuple(found.values())


def notice_kind(text: str) -> NoticeKind | None:
    """What kind of notice that block is; None: it is none. Quoted speech and long blocks are none."""
    folded = fold_spaces(text)
    if len(folded.split()) > _LONGEST or folded[:1] in "\"“”„«'‘":
        return None
    kind = next((kind for kind, pattern in _LABELLED if pattern.search(folded)), None)
    return None if kind is NoticeKind.UPDATE and _is_bare_time(folded) else kind


def _is_bare_time(text: str) -> bool:
    """Whether nothing but a time follows the colon or dash: what a content system writes by itself."""
    said = re.findall(r"\w+", re.split(r"[:—–]", text, maxsplit=1)[-1].lower())
    return all(word[0].isdigit() or word in _TIME_WORDS for word in said)


def _holds(found: dict[str, Notice], kind: NoticeKind) -> bool:
    return any(notice.kind is kind for notice in found.values())


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", fold_spaces(text)).strip().lower()
