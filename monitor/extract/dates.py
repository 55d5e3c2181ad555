"""Dates as pages write them: ISO 8601, RFC 2822, and the ways of many languages.

Knows how to read one; refuses to know where it stood. A time keeps the offset it was written with; one
without is taken as UTC. Nothing is reckoned from today, so that a page says the same whenever it is read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

_FIRST_YEAR, _LAST_YEAR = 1900, 2099

_MONTH_NAMES = """
january jan januar jänner jaenner janvier janv enero ene gennaio gen janeiro januari janvāris stycznia
styczeń sty ledna leden января январь янв січня ocak oca ianuarie tammikuuta januára siječnja gener január
ιανουαρίου يناير
janar jaanuar januarja januarie xaneiro sausio siječanj јануар јануари януари студзеня ژانویه جنوری جانفي
ינואר בינואר

february feb februar feber février févr fevr fév febrero febbraio fevereiro fev februari lutego luty lut
února únor февраля февраль фев лютого şubat februarie helmikuuta veljače febrer február φεβρουαρίου فبراير
februara februarja veebruar febreiro pebrero shkurt vasario veljača фебруар февруари лютага فوریه فروری
فيفري شباط פברואר בפברואר

march mar mär märz maerz mrz mars marzo março marco maart mrt marts marca marzec března březen марта март
мар березня mart martie maaliskuuta ožujka març március μαρτίου مارس
marta maret marso machi kovo ožujak марте сакавіка مارچ آذار מרץ במרץ במרס

april apr avril avr abril abr aprile aprilie kwietnia kwiecień kwi dubna duben апреля апрель апр квітня
nisan nis huhtikuuta travnja április απριλίου أبريل
aprila aprill aprili prill balandžio travanj април красавіка آوریل اپریل أفريل نيسان אפריל באפריל

may mai mayo maggio mag maio mei maj maja květen května мая май травня mayıs toukokuuta svibnja maig május
μαΐου مايو
maij maijs gegužės svibanj мај траўня مئی ماي أيار מאי במאי

june jun juni juin junio giugno giu junho czerwca czerwiec cze června červen июня июнь июн червня haziran
haz iunie kesäkuuta lipnja juny június ιουνίου يونيو
juna junija juuni junie xuño hunyo qershor birželio lipanj јун јуни юни чэрвеня ژوئن جون جوان حزيران יוני
ביוני

july jul juli juillet juil julio luglio lug julho lipca lipiec lip července červenec июля июль июл липня
temmuz tem iulie heinäkuuta srpnja juliol július ιουλίου يوليو
jula julija juuli julie julai xullo hulyo korrik liepos srpanj јул јули юли ліпеня ژوئیه جولائی جويلية
تموز יולי ביולי

august aug août aout agosto ago augusti augustus sierpnia sierpień sie srpna srpen августа август авг серпня
ağustos ağu elokuuta kolovoza agost augusztus αυγούστου أغسطس
augusta avgusta avgust ágúst agustus agosti ogos gusht rugpjūčio kolovoz жніўня اوت اگست אוגוסט באוגוסט

september sep sept septembre septiembre settembre set setembro septembrie września wrzesień wrz září
сентября сентябрь сен сент вересня eylül eyl syyskuuta rujna setembre szeptember σεπτεμβρίου سبتمبر
septembar septembra septemba setyembre shtator rugsėjo rujan септембар септември верасня سپتامبر ستمبر
أيلول ספטמבר בספטמבר

october oct okt oktober octobre octubre ottobre ott outubro out octombrie października październik paź října
říjen октября октябрь окт жовтня ekim eki lokakuuta octubre október οκτωβρίου أكتوبر
oktobar oktobra oktoober oktubre oktoba tetor spalio октобар октомври кастрычніка اکتبر اکتوبر אוקטובר
באוקטובר

november nov novembre noviembre novembro noiembrie listopada listopad lis listopadu ноября ноябрь ноя
листопада kasım kas marraskuuta studenoga novembre november νοεμβρίου نوفمبر
novembar novembra nobyembre novemba nëntor lapkričio studeni studenog новембар ноември лістапада نوامبر
نومبر נובמבר בנובמבר

december dec dez dezember décembre déc diciembre dic dicembre dezembro decembrie grudnia grudzień gru
prosince prosinec декабря декабрь дек грудня aralık ara joulukuuta prosinca desembre desember des δεκεμβρίου
ديسمبر
decembar decembra detsember decembro disember disyembre desemba dhjetor gruodžio prosinac децембар
декември снежня دسامبر دسمبر דצמבר בדצמבר
"""


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


_MONTHS = {
    _plain(word): number for number, line in enumerate(_MONTH_NAMES.split("\n\n"), 1) for word in line.split()
}
_WORD = r"[^\W\d_]{3,13}"
_ORDINAL = r"(?:st|nd|rd|th|er|e|º|ª|°|\.)?"
_OF = r"(?:\s*(?:de|del|of|di|d'|,|\.|-|/|–))*\s*"
_ALSO = r"[^\W\d_]{2,9}(?: [^\W\d_]{2,9})?"  # the month's other name, as Arabic dates have it
_CLOCK = (
    r"(?P<h>[01]?\d|2[0-3])(?:[:.h]|\s?Uhr\s?)"
    r"(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\b)?"
)
_DATE = re.compile(
    r"(?<![\d.,:$€£/-])(?:"
    r"(?P<iy>(?:19|20)\d\d)\s?(?P<sep>[-/.])\s?(?P<im>[01]?\d)\s?(?P=sep)\s?(?P<id>[0-3]?\d)(?!\d)"
    r"|(?P<cy>(?:19|20)\d\d)\s*[年년]\s*(?P<cm>[01]?\d)\s*[月월]\s*(?P<cd>[0-3]?\d)\s*[日일]"
    r"|(?P<sy>(?:19|20)\d\d)(?P<sm>[01]\d)(?P<sd>[0-3]\d)(?:T?(?P<sh>[0-2]\d)(?P<sn>[0-5]\d)(?:[0-5]\d)?)?(?!\d)"
    rf"|(?P<dd>[0-3]?\d){_ORDINAL}{_OF}(?:{_ALSO}\s*/\s*)?(?P<dm>{_WORD}){_OF}(?P<dy>(?:19|20)\d\d|'?[012]\d(?=\s|$|,))(?![\d:])"
    rf"|(?P<md>(?<![^\W\d_]){_WORD})\.?\s*(?P<mdd>[0-3]?\d)(?:st|nd|rd|th)?\s*(?:,|\.|de|del|-)?\s*"
    r"(?P<mdy>(?:19|20)\d\d)(?![\d:])"
    r"|(?P<ux>(?<![^\W\d_])[A-Z][a-z]{2})\s+(?P<uxd>[0-3]?\d)\s+(?P<uxh>[012]\d):(?P<uxm>[0-5]\d):[0-5]\d\s+"
    r"(?:[A-Z]{2,5}\s+|[+-]\d{4}\s+)?(?P<uxy>(?:19|20)\d\d)"
    rf"|(?P<hy>(?:19|20)\d\d)(?: m\b)?[.,]?\s+(?P<hm>{_WORD})\.?\s+(?P<hd>[0-3]?\d)(?![\d:])"
    r"|(?P<n1>[0-3]?\d)(?P<nsep>[./-])\s?(?P<n2>[0-3]?\d)(?P=nsep)\s?(?P<ny>(?:19|20)\d\d(?![\d%:])|[012]\d(?![\d%](?!\d:)))"
    r")"
)
_TIME = re.compile(
    r"[\s,|T·•–—()/@-]{0,6}(?:[^\W\d_]{1,8}\.?[\s:]+){0,2}"
    + _CLOCK
    + r"\s*\(?(?P<zone>Z\b|(?:UTC|GMT)?\s?[+-][01]\d:?[0-5]\d|[A-Z]{2,4}\b)?"
)
_BEFORE = re.compile(_CLOCK + r"\s*(?P<zone>[A-Z]{2,4}\b)?[\s,|·•–—()/-]{0,5}(?:[^\W\d_]{1,10}\.?,?\s+)?$")
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "ET": -5, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "PT": -8,
    "JST": 9, "KST": 9,
}  # fmt: skip
_IN_PATH = re.compile(
    r"(?:/|[-_.])(?P<y>19[89]\d|20\d\d)(?P<sep>[/_.-]?)(?P<m>0[1-9]|1[0-2]|[1-9]|"
    + _WORD
    + r")(?P=sep)(?P<d>0[1-9]|[12]\d|3[01]|[1-9])(?!\d)"
)
_MONTH_FIRST_ENDINGS = frozenset("us ph io tv co me ai fm".split())
_DAY_FIRST_REGIONS = frozenset("gb au nz ie in za ng ke pk sg my".split())


def parse_date(value: Any, *, month_first: bool = False) -> datetime | None:
    """The date that a metadata value is, or begins with; None where it is none."""
    if not isinstance(value, str) or not 6 <= len(value.strip()) <= 120:
        return None
    text = value.strip()
    return _exact(text) or find_date(text, month_first=month_first)


def _exact(text: str) -> datetime | None:
    try:
        if text.isdecimal() and len(text) in (10, 13):
            return _sane(datetime.fromtimestamp(int(text[:10]), UTC))
        moment = datetime.fromisoformat(text)
        return _sane(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
    except (ValueError, OverflowError, OSError):
        return None


def find_date(text: str, *, month_first: bool = False) -> datetime | None:
    """The first date that stands written out in a text, with its time of day where that follows or precedes."""
    text = text[:400] if text.isascii() else _with_our_digits(text[:400])
    for found in _DATE.finditer(text):
        day = _day(found, month_first)
        moment = None if day is None else _sane(_moment(day, found, text))
        if moment is not None:
            return moment
    return None


def _with_our_digits(text: str) -> str:
    """The text with the digits of other scripts as ours."""
    if not any(c.isdecimal() and c > "\x7f" for c in text):
        return text
    return "".join(str(int(c)) if c.isdecimal() else c for c in text)


def date_in_url(url: str) -> datetime | None:
    """The day that an address names in its path, as many outlets have it."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    for found in _IN_PATH.finditer(path[:300]):
        if not found["sep"] and len(found[0]) != 9:
            continue
        month = int(found["m"]) if found["m"].isdecimal() else _MONTHS.get(_plain(found["m"]))
        day = _calendar(int(found["y"]), month, int(found["d"]))
        moment = None if day is None else _sane(datetime(day.year, day.month, day.day, tzinfo=UTC))
        if moment is not None:
            return moment
    return None


def is_month_first(language: str | None, url: str) -> bool:
    """Whether 3/4/2020 is the third of April or the fourth of March to whom the page is written for."""
    said = (language or "").lower().replace("_", "-").split("-")
    try:
        ending = (urlsplit(url).hostname or "").rpartition(".")[2]
    except ValueError:
        ending = ""
    if said[0] == "en" and len(said) > 1:
        return said[-1] not in _DAY_FIRST_REGIONS
    if said[0] not in ("en", ""):
        return False
    return len(ending) != 2 or ending in _MONTH_FIRST_ENDINGS


def _day(found: re.Match[str], month_first: bool) -> date | None:
    for year, month, day in (
        ("iy", "im", "id"), ("cy", "cm", "cd"), ("sy", "sm", "sd"),
        ("dy", "dm", "dd"), ("mdy", "md", "mdd"), ("uxy", "ux", "uxd"), ("hy", "hm", "hd"),
    ):  # fmt: skip
        if found[year]:
            said = found[month]
            number = int(said) if said.isdecimal() else _MONTHS.get(_plain(said))
            return _calendar(_year(found[year]), number, int(found[day]))
    first, second = int(found["n1"]), int(found["n2"])
    if (month_first and found["nsep"] != "." and first <= 12) or second > 12:
        first, second = second, first
    return _calendar(_year(found["ny"]), second, first)


def _year(said: str) -> int:
    digits = said.lstrip("'")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _calendar(year: int, month: int | None, day: int) -> date | None:
    try:
        return None if month is None else date(year, month, day)
    except ValueError:
        return None


def _moment(day: date, found: re.Match[str], text: str) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found["sh"] and int(found["sh"]) < 24:
        return midnight.replace(hour=int(found["sh"]), minute=int(found["sn"]))
    if found["uxh"] and int(found["uxh"]) < 24:
        return midnight.replace(hour=int(found["uxh"]), minute=int(found["uxm"]))
    clock = _TIME.match(text, found.end()) or _BEFORE.search(text[max(0, found.start() - 40) : found.start()])
    if clock is None:
        return midnight
    hour, half = int(clock["h"]), (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return midnight.replace(
        hour=hour, minute=int(clock["m"]), second=int(clock["s"] or 0), tzinfo=_zone(clock["zone"])
    )


def _zone(said: str | None) -> timezone:
    offset = re.search(r"([+-])(\d\d):?(\d\d)", said or "")
    if offset is None:
        return timezone(timedelta(hours=_ZONES.get((said or "").strip(), 0)))
    minutes = int(offset[2]) * 60 + int(offset[3])
    return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))


def _sane(moment: datetime) -> datetime | None:
    """A time that an article can have been published at."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR or moment.date() == date(1970, 1, 1):
        return None
    return moment
