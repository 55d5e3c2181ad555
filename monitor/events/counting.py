"""What a figure counts: the people killed, hurt, missing, arrested or driven out, or else the noun behind it;
and which of two figures is more.

Told from the few words round the figure, in the languages we know. An age, a sum, a share, a distance
or a time counts nobody.
"""

from __future__ import annotations

import enum

from monitor.events.figures import Figure, Sort
from monitor.events.language import SMALL_WORDS
from monitor.events.lexer import folded, visible
from monitor.events.reading import Item, Part, Reading, language_between, read

_TOLLS = {
    "death toll": "dead 死 亡 death deaths died dies die dying killed kills killing fatalities fatality "
    "killings casualties slain perished drowned tot tote toten toter getötet getotet tödlich starben "
    "gestorben ums todesopfer todesfälle mort morts morte mortes tue tues tuee tuees deces muerto muertos "
    "muertas murieron muerte fallecidos fallecieron morti uccisi uccise uccise vittime mortos mortas "
    "morreram mortes doden gedood kwamen omgekomen overleden executed murdered shot",
    "number of injured": "injured 傷 伤 injuries wounded hurt injuring wounding verletzt verletzte "
    "verletzten verwundet blesses blessees blesse heridos heridas lesionados feriti ferite feridos "
    "feridas gewond gewonden hospitalised hospitalized hospitaliz hospitalize",
    "number of missing": "missing unaccounted vermisst vermisste vermissten disparus disparues "
    "desaparecidos desaparecidas dispersi desaparecido vermist vermisten trapped",
    "number of arrests": "arrested arrests detained detentions detainees festgenommen festnahmen "
    "verhaftet arretes arretees interpelles detenidos detenidas arrestati arrestate detidos presos "
    "gearresteerd aangehouden aanhoudingen jailed charged",
    "number of displaced": "displaced evacuated homeless fled evacuees refugees stranded vertrieben "
    "evakuiert flüchtlinge geflohen deplaces evacues refugies desplazados evacuados refugiados sfollati "
    "evacuati desalojados deslocados geevacueerd vluchtelingen ontheemd",
    "number of infections": "infected infections infektionen infiziert contamines contagios contagiados "
    "infectados contagiati contagi infetti besmet besmettingen infecties",
    "number of victims": "victims victim opfer victimes victimas vitimas slachtoffers hostages hostage "
    "geiseln otages rehenes ostaggi reféns affected kidnapped abducted survivors",
}  # fmt: skip
_TOLL_WORDS = {word: toll for toll, words in _TOLLS.items() for word in words.split()}
_PEOPLE = frozenset(
    "people person persons men women man woman children child civilians soldiers troops officers "
    "passengers others students workers protesters personnes menschen personen personas persone pessoas "
    "mensen".split()
)
_NO_NOUN = frozenset(
    "or more others other additional new least most about nearly almost roughly around some total were "
    "was have had has been be being is are".split()
)
_NOT_PEOPLE = frozenset(("year-old", "%", "°", "°C", "°F", "pp"))
_AHEAD, _BEHIND = 6, 5
_BROKEN = frozenset(";:.!?")


def is_toll(reading: Reading, at: int) -> bool:
    """Whether the figure at that item is a key figure: one that counts people harmed or held."""
    return _toll(reading, at) is not None


def counted(sentence: str, figure: str) -> str | None:
    """What that figure counts in that sentence, as a short noun phrase: "death toll", "number of injured",
    or the noun behind it, such as "troops"; None where no noun is found or the figure does not stand there."""
    reading = read(sentence, language_between(sentence, ""))
    wanted = folded(visible(figure)).lower()
    for at, item in enumerate(reading.items):
        shown = folded(reading.text[item.start : item.whole]).lower()
        if item.part is Part.FIGURE and (shown == wanted or folded(item.text).lower() == wanted):
            return _toll(reading, at) or _noun(reading, at)
    return None


class Direction(enum.StrEnum):
    RAISED = "raised"
    LOWERED = "lowered"


def direction(old: str, new: str) -> Direction | None:
    """Which way a figure went, as it stands in an event; None where the two cannot be compared, such as
    a version, a score, or figures of two units."""
    ours, theirs = _only_figure(old), _only_figure(new)
    if ours is None or theirs is None or ours.size is None or theirs.size is None or ours.unit != theirs.unit:
        return None
    if (
        Sort.CODE in (ours.sort, theirs.sort)
        or Sort.RANGE in (ours.sort, theirs.sort)
        or ours.size == theirs.size
    ):
        return None
    return Direction.RAISED if theirs.size > ours.size else Direction.LOWERED


def stands_in(figure: str, passage: str) -> bool:
    """Whether that figure stands in that passage, however it is written there: in a headline, for one."""
    language = language_between(passage, "")
    wanted = {item.key for item in read(figure, language).items if item.part is Part.FIGURE}
    return bool(wanted) and wanted <= {item.key for item in read(passage, language).items}


def _only_figure(text: str) -> Figure | None:
    found = [item.figure for item in read(text).items if item.figure is not None]
    return found[0] if len(found) == 1 else None


def _toll(reading: Reading, at: int) -> str | None:
    item = reading.items[at]
    figure = item.figure
    if figure is None or not _may_count_people(figure):
        return None
    nouns = _behind(reading, at)
    for word in nouns:
        if (toll := _TOLL_WORDS.get(str(word.key))) is not None:
            return toll
    for back in range(1, _BEHIND + 1):
        if at - back < 0 or any(mark in _BROKEN for mark in reading.items[at - back + 1].gap):
            break
        before = reading.items[at - back]
        if before.part is Part.FIGURE:
            break
        toll = "death toll" if before.key == "toll" else _TOLL_WORDS.get(str(before.key))
        if toll is not None:
            return toll if _is_person_or_none(nouns) else None
    return None


def _may_count_people(figure: Figure) -> bool:
    if figure.sort not in (Sort.COUNT, Sort.VAGUE, Sort.RANGE) or not isinstance(figure.unit, str):
        return False
    return not figure.unit


def _behind(reading: Reading, at: int) -> list[Item]:
    """The words behind a figure that still belong to it."""
    found: list[Item] = []
    for item in reading.items[at + 1 : at + 1 + _AHEAD]:
        if item.part is not Part.WORD or any(mark in ";:,.!?()" for mark in item.gap):
            break
        found.append(item)
    return found


def _is_person_or_none(behind: list[Item]) -> bool:
    """Whether what is counted can be people: no noun, or one that names them or might."""
    nouns = [item for item in behind if item.key not in SMALL_WORDS and item.key not in _NO_NOUN]
    first = behind[0] if behind else None
    if first is None or first.key in SMALL_WORDS or not nouns:
        return True
    return nouns[0].key in _PEOPLE or str(nouns[0].key).endswith(("ers", "ors", "ists", "men", "ians"))


def _noun(reading: Reading, at: int) -> str | None:
    """The unit where the figure has one that is a word; else the words behind it up to the noun."""
    item = reading.items[at]
    if item.figure is None or item.figure.sort not in (Sort.COUNT, Sort.VAGUE, Sort.RANGE):
        return None
    if item.whole > item.end:
        unit = reading.text[item.end : item.whole].strip(" -")
        return unit if unit.isalpha() and len(unit) > 2 else None
    if item.figure.unit:
        return None
    words: list[str] = []
    for behind in _behind(reading, at)[:3]:
        if behind.key in SMALL_WORDS or behind.key in _NO_NOUN:
            break
        words.append(behind.text)
        if behind.text.lower().endswith("s") or behind.key in _PEOPLE:
            return " ".join(words)
    return None
