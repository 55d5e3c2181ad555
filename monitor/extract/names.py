"""The names in a byline: who wrote it, without "By", roles, addresses, dates and duplicates.

Knows how bylines are worded; refuses to know whose names they are or where they stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from storage.records import fold_spaces

_MOST_WORDS = 7
_PREFIX = re.compile(
    r"^(?:(?:view|see|read|find)?\s*(?:all|more)?\s*(?:posts|articles|stories)\s+(?:by|from)|"
    r"(?:(?:originally |first )?(?:posted|written|published|reported|reviewed|authored|compiled|created|"
    r"story|text|article|words?|guest post|post|opinion|analysis|review)"
    r"(?: and (?:photographed|illustrated))?\s*(?:by|von|par|por|:))|"
    r"(?:this |the )?(?:post|article|story|piece) (?:was |is )?(?:originally )?(?:written|published|posted) by|"
    r"(?:articolo|scritto|pubblicato|a cura|testo)\s+(?:di|da)|(?:écrit|publié|rédigé|propos recueillis)\s+par|"
    r"(?:escrito|publicado|redactado)\s+por|"
    r"(?:ein |eine )?(?:geschrieben|veröffentlicht|verfasst|beitrag|gastbeitrag|artikel|kommentar|kolumne|analyse|"
    r"interview|reportage|text|fotos?|autor(?:in)?)\s+von|"
    r"(?:authors?(?:\(s\))?|autor(?:in|en|es|a|as)?|auteurs?(?:\(s\))?|autore|autori|redakteur(?:in)?|verfasser(?:in)?|"
    r"reporter|words|text|texte|texto|testo|written|från|tekst)\s*:|"
    r"about the authors?:?|by-?line:?|by:?(?=\s|$)|cur[aá]?\s+di|作者\s*[:：]?|著者\s*[:：]?|記者\s*[:：]?|"
    r"编辑\s*[:：]?|責任編集\s*[:：]?|文\s*[:：●/／])\s*",
    re.IGNORECASE,
)
# These begin a byline, but a name too: they are taken off before two words or more.
_PARTICLE = re.compile(
    r"^(?:von|di|da|de|par|por|door|af|av|przez|autor)\s+(?=[^\s,;|]+\s+[^\s,;|]+)", re.IGNORECASE
)
_LONE_PARTICLE = re.compile(r"^(?:von|di|da|par|por|door|af|av|przez)\s+(?=[^\s,;|]+$)")
_SEPARATOR = re.compile(
    r"\s*[;|·•/／\n\t]\s*|\s+[–—-]\s+|\s*,\s*(?:and|und|et|y|e|&)\s+|\s*,\s+|\s*,(?=[^\W\d_])|\s*[&＆、]\s*|"
    r"\s+(?:[Aa]nd|AND|with|und|et|och|og|y|e|w/)\s+"
)
_SEGMENT = re.compile(r"\s*,\s*(?:and|und|et|y|e|&)\s+|\s*,\s+|\s*,(?=[^\W\d_])|\s*[;|·•\n\t]\s*")
_BEHIND_NAME = re.compile(
    r"\s*\([^()]*\)\s*$|\s+@\s.*|\s+(?:/|for|at|in) [A-Z].*$|\s+(?:am|on|le|el|il|den|at)\s+\d.*$"
)
_CREDENTIAL = re.compile(
    r"^(?:ph\.?\s?d|m\.?d|m\.?p\.?h|r\.?d(?:\.?n)?|c\.?f\.?[pa]|d\.?o|r\.?n|m\.?[as]c?|b\.?[as]c?|m\.?b\.?a|j\.?d|jr|sr|ii|iii|"
    r"esq|cpa|ea|lcsw|lmft|psy\.?d|dds|facp|faclm|foma|dabom|mph|msw|ldn?|cdn|cde|cscs|pharm\.?d|dnp|np|dvm|ll\.?m|rdn)\.?[®™]?(?:\s+[A-Z]{2,6})?$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:writers?|reporters?|editors?|correspondents?|journalists?|contributors?|columnists?|producers?|photographers?|bureau|"
    r"chief|heads? of|freelancer?|fellow|coordinator|marketer|engineer|ceo|cto|developer|analyst|director|"
    r"manager|officer|founder|president|professor|specialist|consultant|intern|"
    r"critic|blogger|strategist|redakteur(?:in)?|journalistin|korrespondent(?:in)?|"
    r"reporterin|volont[äa]r(?:in)?|autor(?:in|es)?|"
    r"journaliste|rédact(?:eur|rice)|correspondante?|periodista|redactora?|corresponsal|giornalista|redattore|"
    r"ressortleiter(?:in)?|chefredakteur(?:in)?)\b",
    re.IGNORECASE,
)
_HOUSE_ENDS = re.compile(
    r"\b(?:staff|team|desk|editors|contributors|newsroom)$|^contributors to\b", re.IGNORECASE
)
_BUTTONS = (
    "by von par por di de door av and the with more follow share email e-mail print save comments? facebook twitter x "
    "instagram linkedin youtube rss website bio profile posts? articles? contact about authors? updated? published "
    "posted written ad advertisement subscribe photos? video home menu search close open reply "
    "edit guest verified on in at for to from of "
    "unknown none null undefined admin administrator"
)
_SENTENCES = (
    r"follow\b.*",
    r"(?:last )?(?:updated?|modified|published|posted|publiziert|veröffentlicht|publié|publicado|revised)\b.*",
    r"(?:sponsored|gesponserte?|show more|copy link|share (?:this|on)|save (?:this|for)|listen (?:to|now))\b.*",
    r"link copied|copied|log in|sign (?:in|up)|new|listen|gift(?: this)? article|play|share",
    r".*\b(?:min(?:ute)?s? read|read time|ago|views?|shares?|followers?|has been)\b.*",
    r"(?:special )?(?:to|for) the\b.*",
    r"(?:all|more|other) (?:posts|articles|stories)\b.*|no comments",
    r"(?:visit|meet|contact|about|view|see) (?:the|all|more|author|our|profile|bio)\b.*",
    r".*\b(?:is|was) (?:an?|the|also)\b.*",
    r".*\b(?:by|profile|un|une|eine?|an?|the)",
    r"search for\b.*",
)
_NOT_A_NAME = re.compile(
    rf"\d{{2}}|[?!<>{{}}=]|@.*\.|https?:|www\.|\.html?\b|^(?:{'|'.join((*_BUTTONS.split(), *_SENTENCES))})$",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|ember|tember|ober)?\.?\s+\d|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)\b",
    re.IGNORECASE,
)
_JOINS_ON = re.compile(r"(?:[,&、/]|\b(?:and|und|et|y|e|och|og))\s*$", re.IGNORECASE)
_JOINED = re.compile(r"(?:[,&、/]|(?:and|und|et|y|e|och|og)\b)", re.IGNORECASE)
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTICLES = frozenset(
    "von van der den de da di del della la le el bin al ten ter zu zur und y e dos das do af av".split()
)
_FIRM = re.compile(
    r"\b(?:Inc|Ltd|LLC|GmbH|AG|Corp|Co|Media|News|Press|Magazine|Group|Company|Team|Staff|"
    r"Redaktion|Online|Publishing|Network|Agency|The)\b"
)
_OPENS = re.compile(
    r"[\s|—–-]*(?:(?:[Ww]ritten |[Pp]osted |[Rr]eported |[Pp]ublished |[Ss]tory )?(?:[Bb]y|BY):?|Von|Par|Por|Door|Av|"
    r"(?:Autor(?:in|en|es|a|e)?|Auteur|Author|Reporter|Writer|Text|Texto|Texte)s?(?:\(s\))? ?:|作者[:：]|文[:：]|"
    r"(?:Eine? )?(?:Kommentar|Kolumne|Gastbeitrag|Gastkommentar|Analyse|"
    r"Interview|Essay|Beitrag|Bericht|Text|Glosse) von|"
    r"(?:Écrit|Publié|Rédigé) par|(?:Escrito|Publicado) por|(?:Scritto|Pubblicato) da|A cura di|"
    r"Di(?= [A-ZÀ-Þ]\w+ [A-ZÀ-Þ]))"
    r"(?:\s+(?=[^\W\d_a-zß-ÿ])|\s*$)"
)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.\w+")
_EDGES = ' .,:-–—•|"“”„*_'


def clean_names(text: str) -> tuple[str, ...]:
    """The names in a byline, each once, in its order."""
    if "://" in text or len(text) > 2000:
        return ()
    return tuple(_once(_with_credentials(_parts(text))))


def first_names(lines: Sequence[str]) -> tuple[str, ...]:
    """The names in the first line of a byline that has some, and in those that a comma or an "and" joins to it.

    What else stands in a byline, a post, a place, a button, is set apart without either.
    """
    for start, line in enumerate(lines):
        if not clean_names(line):
            continue
        end = start + 1
        while end < len(lines) and (_JOINS_ON.search(lines[end - 1]) or _JOINED.match(lines[end])):
            end += 1
        names = clean_names("\n".join(lines[start:end]))
        return tuple(name for name in names if name == names[0] or not name.startswith("@"))
    return ()


def only_post(text: str) -> tuple[str, ...]:
    """What a page calls its author where that is no name but a post or an account, as "Editor" or "jane84"."""
    said = fold_spaces(text)
    fits = 2 < len(said) <= 40 and len(said.split()) <= 3 and re.search(r"[^\W\d_]{2}", said)
    return (
        (said,)
        if fits and not _NOT_A_NAME.search(re.sub(r"\d", "", said)) and not _DATED.search(said)
        else ()
    )


def is_person(name: str) -> bool:
    """Whether a name has the form of a person's: some words, each but a particle with a capital."""
    if _WIDE.search(name):
        return len(name) <= 12
    words = [word for word in name.partition(",")[0].split() if word.lower() not in _PARTICLES]
    return (
        2 <= len(words) <= 5
        and all(word[0].isupper() or not word[0].isalpha() for word in words)
        and not _FIRM.search(name)
    )


def is_firm(name: str) -> bool:
    """Whether a name says itself that it is a company's."""
    return bool(_FIRM.search(name))


def opens_byline(text: str) -> bool:
    """Whether these words begin a byline and say so themselves."""
    return bool(_OPENS.match(text))


def join_names(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Several bylines as one."""
    return tuple(_once(name for some in names for name in some))


def _parts(text: str) -> Iterator[str]:
    lines = [fold_spaces(line) for line in text.split("\n")]
    rest = "\n".join(line for line in lines if line)
    rest = _EMAIL.sub(" ", rest).strip(" -–—|,:")
    rest = _LONE_PARTICLE.sub("", _PARTICLE.sub("", _unprefixed(rest)))
    for part in _split(rest):
        part = _BEHIND_NAME.sub("", part)
        yield _edged(_PARTICLE.sub("", _unprefixed(_edged(part))))


def _split(text: str) -> Iterator[str]:
    """The parts of a byline; of what names a post only persons, as both sides of an "and" may belong to it."""
    if not _ROLE.search(text):
        yield from _SEPARATOR.split(text)
        return
    for segment in _SEGMENT.split(text):
        parts = _SEPARATOR.split(segment)
        post = _ROLE.search(segment) if len(parts) > 1 else None
        if not (post and _ROLE.match(parts[0])):
            yield from (part for part in parts if not post or is_person(part))


def _edged(text: str) -> str:
    """A name without what surrounds it; the stop of an abbreviation and a closing bracket are its own."""
    bare = text.strip(_EDGES + "()[]")
    if text.strip().startswith(f"{bare}.") and re.search(r"\b(?:Jr|Sr|[A-Z])$", bare):
        return f"{bare}."
    return bare


def _unprefixed(text: str) -> str:
    for _ in range(3):
        shorter = _PREFIX.sub("", text).lstrip(_EDGES + "\n")
        if shorter == text:
            break
        text = shorter
    return text


def _with_credentials(parts: Iterable[str]) -> Iterator[str]:
    """Each name with the degrees that follow it behind their commas; nothing that is not a name."""
    name = ""
    for part in parts:
        if name and _CREDENTIAL.match(part):
            name += f", {part}"
            continue
        if name:
            yield name
        name = part if _is_name(part) else ""
    if name:
        yield name


def _is_name(part: str) -> bool:
    if not 1 < len(part) <= 60 or len(part.split()) > _MOST_WORDS or not re.search(r"[^\W\d_]", part):
        return False
    if _NOT_A_NAME.search(part) or _DATED.search(part):
        return False
    return not (_ROLE.search(part) and not _HOUSE_ENDS.search(part))


def _once(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        key = " ".join(re.findall(r"\w+", name.lower()))
        if key and key not in seen:
            seen.add(key)
            yield name
