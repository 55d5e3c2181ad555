"""Notices: where an outlet says of its own article that it is breaking, updated or corrected.

The phrases are those that newsrooms use in English, German, French, Spanish, Italian,
Portuguese and Dutch. A notice is looked for where newsrooms put it: in the first and last blocks. A bare
automatic "Updated 14:05" is not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from lxml.etree import _Element

from storage.records import Notice, NoticeKind, Paragraph, fold_spaces

_EDGE = 3
_LONGEST = 120  # words
_MOST_LETTERS = 6000  # with the spaces of its markup


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


@dataclass(frozen=True)
class _Phrases:
    """How a kind of notice is worded: how it opens, and what may stand anywhere in it, each such phrase
    under a piece of it, in lower case, without which it cannot stand there."""

    kind: NoticeKind
    opening: re.Pattern[str]
    anywhere: tuple[tuple[str, re.Pattern[str]], ...]

    @classmethod
    def of(cls, kind: NoticeKind, opening: tuple[str, ...], *anywhere: tuple[str, str]) -> Self:
        found = tuple((part, re.compile(phrase, re.IGNORECASE)) for part, phrase in anywhere)
        return cls(kind, _any_of(*(rf"[\W_]*(?:{phrase})" for phrase in opening)), found)

    def worded(self, text: str, lowered: str) -> bool:
        if self.opening.match(text):
            return True
        return any(part in lowered and pattern.search(text) for part, pattern in self.anywhere)


_SINCE = r"(?:(?:spring|summer|autumn|fall|winter|important|latest|final|recommendation|status|[a-z]+ \d{4}|\d{4}),? )*"
_WORDINGS = (
    _Phrases.of(
        NoticeKind.CORRECTION,
        (
            r"corrections?( and clarifications?)?\b(?!al)[^.:]{0,40}[:—–]",
            r"(retraction|retracted|withdrawn)\b[^.:]{0,40}[:—–]",
            r"(correctie|rectificatie)\b[^.:]{0,40}[:—–]",
            r"(korrektur(hinweis)?|berichtigung|rectificatif|erratum|fe de errores?)\b[^.:]{0,40}[:—–]",
            r"(corrección|rectificación|rettifica|errata corrige|correzione|errata|correção)\b[^.:]{0,40}[:—–]",
        ),
        (
            "version of this",
            r"\ban? (earlier|previous|prior|original) version of this (article|story|report|post|headline|caption)",
        ),
        ("originally reported", r"\bthis was originally reported as\b"),
        ("correction", r"[(\[][\W_]{0,20}correction\b[^.:]{0,20}:"),
        ("amended", r"\bthis (article|story|post|report|piece|headline) (was|has been) amended\b"),
        (
            "this ",
            r"\bthis (article|story|post|report|piece|video) (was|has been) (retracted|withdrawn|taken down)\b",
        ),
        ("eerdere versie", r"\bin een eerdere versie van dit (artikel|bericht|stuk)"),
        ("corrected", r"\bthis (article|story|post|report|piece|headline) (was|has been) corrected\b"),
        (
            "version",
            r"\b(misstated|misspelled|misidentified|incorrectly (stated|identified|attributed))\b.{0,200}\bversion\b",
        ),
        ("the error", r"\bwe (regret|apologi[sz]e for) the error\b"),
        (
            "in einer",
            r"\bin einer (früheren|ersten|vorherigen) (version|fassung) (dieses|des) (artikels|textes|beitrags)",
        ),
        ("hieß es", r"\bursprünglich hieß es\b"),
        ("wir haben", r"\bwir haben (das|den fehler|dies) (korrigiert|berichtigt)"),
        ("version de ce", r"\bune (première|précédente) version de (cet article|ce texte)"),
        ("cet article", r"\bcet article a été (modifié|corrigé)"),
        ("una versión", r"\b(en )?una versión (anterior|previa) de (este|esta)"),
        ("versione", r"\buna versione precedente di questo articolo"),
        ("versão", r"\b(uma )?versão anterior (deste|desta)"),
    ),
    _Phrases.of(
        NoticeKind.CLARIFICATION,
        (
            r"(clarifications?|klarstellung|précision|aclaración|precisazione|esclarecimento)\b[^.:]{0,40}[:—–]",
        ),
    ),
    _Phrases.of(
        NoticeKind.EDITORS_NOTE,
        (
            r"editor['’]?s?['’]? note\b[^.:]{0,40}[:—–]",
            r"(note de la rédaction|nota de (la )?redacción|nota della redazione|nota da redação)\b",
        ),
        (" d", r"\b(anm\.|anmerkung) d(er|\.) red(aktion|\.)"),
    ),
    _Phrases.of(
        NoticeKind.BREAKING,
        (r"more (details )?(to follow|soon|to come)\b",),
        ("this is a", r"\bthis is a (breaking|developing) (news )?story\b"),
        ("being updated", r"\bthis breaking news story is being updated\b"),
        ("more to follow", r"\bbreaking news,? more to follow\b"),
        ("come back", r"\bcome back (here )?(soon|for updates)\b"),
        ("check back", r"\bcheck back (here )?(soon|for updates)\b"),
        ("laufend", r"\bwird laufend aktualisiert\b"),
        ("meer volgt", r"\bmeer volgt\b"),
        ("kürze", r"\bmehr in kürze\b"),
        ("informations à", r"\bplus d['’]informations à (suivre|venir)\b"),
        ("desarrollo", r"\bnoticia en desarrollo\b"),
        ("breve", r"\ben breve,? más información\b"),
        ("ampliación", r"\bhabrá ampliación\b"),
        ("aggiornament", r"\b(notizia in aggiornamento|seguono aggiornamenti)\b"),
        ("instantes", r"\bmais informações em instantes\b"),
        ("atualização", r"\bnotícia em atualização\b"),
    ),
    _Phrases.of(
        NoticeKind.UPDATE,
        (
            rf"{_SINCE}updated?\b[^.:\n]{{0,40}}[:—–)\]](?=[\W_]*\w)",
            r"updated? (on|at|to)\b.{0,60}\b(to|with|after) (?=\w)",
            r"updates?[\W_]*$",
            r"edit(ed)?\b[^.:\n]{0,25}:",
            r"note\b[^.:\n]{0,20}[:—–](?=.{0,200}\b(since|no longer|originally|has now been|have now been)\b)",
            r"(mise à jour|actualización|aggiornamento|atualização)\b[^.:\n]{0,40}[:—–](?=[\W_]*\w)",
        ),
        (
            "updated",
            r"\bthis (article|story|post|report|page|list) (was|has been) updated "
            r"(to|with|after|since|on .{1,40}\b(to|with))\b",
        ),
    ),
)
_LABEL_ONLY = _any_of(
    r"^\W*(breaking( news)?|developing( story)?|eilmeldung|urgent|última hora|ultim['’]ora)\W*$"
)
_TIME_WORDS = frozenset(
    "at on today yesterday ago hour hours minute minutes min mins am pm a m p h uhr et est edt pt pst pdt gmt bst "
    "utc cet cest ist monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat "
    "sun january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec".split()
)
_STAMPED = re.compile(
    r"\W*(?:(?:this|the) (?:article|story|post|page) was )?"
    r"(?:(?:first|last|originally|zuletzt|dernière|última|ultimo) )?"
    r"(?:updated|modified|changed|edited|published|posted|reviewed|last update|aktualisiert|aktualisierung|geändert|"
    r"veröffentlicht|stand|mise? à jour|modifié|publié|actualizad[oa]|actualización|publicad[oa]|modificad[oa]|"
    r"aggiornat[oa]|aggiornamento|pubblicat[oa]|atualizad[oa]|atualização|bijgewerkt|gepubliceerd)\b",
    re.IGNORECASE,
)
_STAMP_WORDS = _TIME_WORDS | frozenset(
    "the of and last updated published first st nd rd th local time since just now second seconds day days week weeks "
    "month months year years am um vor std stunden stunde minuten tag tagen januar februar märz mai juni juli oktober "
    "dezember montag dienstag mittwoch donnerstag freitag samstag sonntag le à a il y heure heures jour jours janvier "
    "février mars avril juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi "
    "samedi dimanche el las de del hace hora horas minutos día días enero febrero marzo abril mayo junio julio agosto "
    "septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo il alle ore gennaio "
    "febbraio aprile maggio giugno luglio settembre ottobre dicembre às há janeiro fevereiro março maio junho julho "
    "setembro outubro novembro dezembro op om januari februari maart mei augustus geleden uur".split()
)
_LONGEST_STAMP = 120


def find_labels(called: Iterable[_Element]) -> Iterator[str]:
    """The texts of those elements, which are called a notice, that are one; a mere label only beside the
    page's heading, since a ticker of other news is called the same."""
    for element in called:
        text = _short_text(element)
        if notice_kind(text) is not None or (_LABEL_ONLY.search(text) and _beside_heading(element)):
            yield text


def _short_text(element: _Element) -> str:
    """The words of an element; none where they are more than a notice has."""
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(str(part))
        size += len(part)
        if size > _MOST_LETTERS:
            return ""
    return fold_spaces("".join(parts))


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
    if len(folded) > _MOST_LETTERS or len(folded.split()) > _LONGEST or folded[:1] in "\"“”„«'‘":
        return None
    lowered = folded.lower()
    kind = next((phrases.kind for phrases in _WORDINGS if phrases.worded(folded, lowered)), None)
    return None if kind is NoticeKind.UPDATE and _is_bare_time(folded) else kind


def is_stamp(text: str) -> bool:
    """Whether that block is nothing but the time of publication or of the last change, as a content
    system writes it by itself: "Updated 14:05", "Last modified on 3 May 2024"."""
    if len(text) > _LONGEST_STAMP:
        return False
    opening = _STAMPED.match(text)
    if opening is None:
        return False
    said = re.findall(r"\w+", text[opening.end() :].lower())
    is_time = any(word[0].isdigit() for word in said) or not said
    return is_time and all(word[0].isdigit() or word in _STAMP_WORDS for word in said)


def _is_bare_time(text: str) -> bool:
    """Whether nothing but a time follows the colon or dash: what a content system writes by itself."""
    said = re.findall(r"[^\W_]+", re.split(r"[:—–)\]]", text, maxsplit=1)[-1].lower())
    return bool(said) and all(word[0].isdigit() or word in _TIME_WORDS for word in said)


def _holds(found: dict[str, Notice], kind: NoticeKind) -> bool:
    return any(notice.kind is kind for notice in found.values())


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", fold_spaces(text)).strip().lower()
