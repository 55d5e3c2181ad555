"""What a page counts by itself: how old it is, how often it was read, shared and answered, how long it takes to read.

Such figures are others at each look though nobody has touched the article. Knows their words in the languages
that are read, and refuses to know where on the page they stand.
"""

from __future__ import annotations

import re
from functools import lru_cache

MOST_REMEMBERED = 16_384
"""Short lines of which a finding is kept: each line of a page is asked about several times."""
_LONGEST = 120
_LONGEST_IN_WORDS = 40
# "ago3270": elements side by side have no space between them.
_BEGIN = r"(?:(?<!\d)(?<!\d[.,])(?=\d)|(?<![^\W\d_])(?=\D))"
_END = r"(?![^\W\d_])"
_NUMBER = (
    r"\d[\d.,'’\u00a0\u202f]{0,11}"
    r"(?:\s?(?:k|tsd\.?|mln\.?|тыс\.?|тис\.?|lakh|rb|b|tr|n)(?![^\W\d_])|\s?[万萬千만천])?\+?"
)
_ONE = r"an?|one|few|ein(?:er|em|igen)?|une?|un[ao]?|uma?|en|ett?|een"

_UNIT = (
    r"(?:s|m|h|d|w|j|t|g|u|ч|м|с|д|"
    r"(?:sec|seg|sek|secondes?|min|mín|minuut|hour|hr|stund|std|heure|hora|uur|uren|timm|time|tunti|godz|hodin|hodín|"
    r"óra|órá|perc|day|tag|jour|día|dia|giorn|dag|päiv|dni|dzień|dnem|dňami|nap|zi|week|woche|semaine|semana|settiman|"
    r"month|monat|mois|mes|year|jahr|año|ano|ann[oi]|сек|мин|минут|хв|час|годин|дн|ден|день|λεπτ|ώρ|ημέρ|μέρ|"
    r"dakika|dk|saat|gün|menit|jam|hari)[^\W\d_]{0,9}|or[ae]|an|ore|oră|godz|phút|giờ|ngày)\.?"
)
_NOW = (
    r"just\snow|(?:a\sfew\s)?moments?\sago|gerade\seben|à\sl['’]instant|ahora\smismo|"
    r"только\sчто|刚刚|剛剛|たった今|방금"
)
_AGO = (
    rf"(?:vor|il\s?y\s?a|hace|há|acum|před|pred|преди|πριν(?:\sαπό)?)\s(?:\w{{1,9}}\s)?(?:{_NUMBER}|{_ONE})\s?{_UNIT}|"
    rf"(?:(?:about|över|over|för|for)\s)?(?:{_NUMBER}|{_ONE})[\s’']?{_UNIT}\s(?:ago|fa|atrás|geleden|sedan|siden|sitten|temu|zpět|ezelőtt|назад|тому(?:\sназад)?|"
    r"önce|(?:yang\s)?lalu|trước)|"
    r"(?:منذ|قبل)\s(?:\d+\s)?(?:ثاني|ثوان|دقيق|دقائق|ساع|يوم|أيام)\w{0,4}|"
    r"\d+\s(?:सेकंड|मिनट|घंटे?|दिन)\w{0,3}\sपहले|[\d০-৯]+\s(?:সেকেন্ড|মিনিট|ঘণ্টা|ঘন্টা|দিন)\sআগে|"
    r"\d+\s?(?:秒|分|分钟|分鐘|小时|小時|時間|日|天)(?:之)?前|\d+\s?(?:초|분|시간|일)\s?전|"
    rf"{_NOW}"
)
_READ = (
    r"views?|page\s?views|reads|hits|times\sread|aufrufe?|klicks?|mal\sgelesen|vues?|visitas?|vistas?|visualizaciones|visualizações|visualizzazion[ei]|"
    r"weergaven|keer\s(?:bekeken|gelezen)|visningar|visninger|katselukertaa|lukukertaa|wyświetle\w{1,3}|odsłon\w?|zobrazení|přečtení|zhliadnutí|"
    r"megtekintés|vizualizări|afișări|преглеждания|прочитания|просмотр\w{0,3}|прочтени\w{1,2}|перегляд\w{0,3}|προβολές|görüntülenme|okunma|"
    r"(?:kali|x)\s(?:dilihat|dibaca)|lượt\s(?:xem|đọc)|مشاهد(?:ة|ات)|قراءة|व्यूज़?|बार\s(?:देखा|पढ़ा)\sगया|বার\sপঠিত|"
    r"回(?:視聴|閲覧)|(?:次|人)?(?:阅读|閱讀|浏览|瀏覽)(?:量|数|數)?|点击(?:量|数)?|人氣|조회수?"
)
_ANSWERED = (
    r"comments?|responses?|repl(?:y|ies)|likes?|claps?|kommentare?|commentaires?|comentarios?|commenti?o?|comentários?|reacties?|kommentar(?:er)?|"
    r"kommenttia?|komentarz[ye]?|komentář[eů]?|komentár(?:e|ov)?|hozzászólás|comentarii?u?|коментар\w{0,3}|комментари\w{1,2}|σχόλι[αο]|yorum|komentar|"
    r"bình\sluận|تعليق(?:ات)?|टिप्पणि?यां?|कमेंट्?स?|মন্তব্য|(?:件の)?コメント|(?:条|條|则|則)?(?:评论|評論|留言)|댓글|"
    r"gefällt\smir|j['’]aime|me\sgusta|mi\spiace|curtidas?|polubie\w{1,3}|лайк\w{0,3}|вподобан\w{1,2}|beğeni|suka|lượt\sthích|いいね|点?赞|個?讚|좋아요"
)
_SHARED = (
    r"shares?|(?:re)?tweets?|mal\sgeteilt|partages?|compartidos?|condivision[ei]|compartilhamentos?|keer\sgedeeld|delningar|delinger|jakoa|"
    r"udostępnie\w{1,3}|sdílení|zdieľaní|megosztás|distribuiri|споделяния|репост\w{0,3}|поширен\w{1,2}|κοινοποιήσεις|paylaşım|dibagikan|"
    r"lượt\schia\ssẻ|مشارك(?:ة|ات)|शेयर|শেয়ার|シェア|(?:次)?分享|공유"
)
_COUNTED = rf"(?:{_READ}|{_ANSWERED}|{_SHARED})"
_LONG = (
    r"(?:minutes?|minuten?|mins?\.?|minut[oi]s?|minut\w?|минут\w?|мин\.?|хв\.?|λεπτά|"
    r"dakika|dk\.?|menit|phút|perc|मिनट|分钟|分鐘|分|분)"
)
_READING = (
    r"(?:(?:estimated\s)?(?:reading|read)\stime|lesezeit|lesedauer|temps\sde\slecture|lecture|tiempo\sde\slectura|tempo\sdi\slettura|"
    r"tempo\sde\sleitura|leitura|lettura|leestijd|lästid|lesetid|læsetid|lukuaika|czas\sczytania|doba\sčtení|čas\sčítania|olvasási\sidő|timp\sde\scitire|"
    r"време\sза\sчетене|время\sчтения|час\sчитання|χρόνος\sανάγνωσης|okuma\ssüresi|waktu\sbaca|阅读时间|閱讀時間|読了時間)"
)
_READ_IN = (
    r"(?:read|to\sread|lesezeit|de\slecture|de\slectura|di\slettura|de\sleitura|leestijd|leestid|lästid|lesetid|læsetid|lukuaika|czytania|čtení|"
    r"чтения|читання|okuma|baca|đọc|阅读|閱讀|읽기)"
)
_TALLY = re.compile(
    rf"{_BEGIN}(?:{_AGO}|{_READING}\s?:?\s?(?:ca\.?\s|about\s)?{_NUMBER}[\s-]?{_LONG}|{_NUMBER}[\s-]?{_LONG}\s{_READ_IN}|"
    rf"{_NUMBER}\s?(?:회|次|件)?\s?{_COUNTED}|{_COUNTED}\s?[:：(]?\s?{_NUMBER}[회次件)]?){_END}",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(
    rf"{_BEGIN}(?:(?:last|first|zuletzt|dernière|última|ultimo|sist|senast|ostatnia|poslední)\s)?(?:updated?|published|posted|modified|edited|"
    r"aktualisiert|veröffentlicht|mise?\sà\sjour|mise?\sen\sligne|publiée?|modifiée?|actualiza(?:do|da|ción)|publicad[oa]|aggiornat[oa]|pubblicat[oa]|"
    r"atualizad[oa]|bijgewerkt|gepubliceerd|geplaatst|uppdaterad|publicerad|oppdatert|publisert|opdateret|udgivet|päivitetty|julkaistu|"
    r"zaktualizowano|aktualizacja|opublikowano|aktualizováno|publikováno|aktualizované|publikované|frissítve|közzétéve|actualizat|publicat|"
    r"обновен[оа]|публикуван[оа]|обновлено|опубликовано|оновлено|опубліковано|ενημερώθηκε|δημοσιεύθ?τ?ηκε|güncellen(?:di|me)|yayınlan(?:dı|ma)|"
    r"diperbarui|diterbitkan|cập\snhật|(?:آخر\s)?تحديث|نشر|अपडेटेड?|আপডেট|更新|发布|發布|公開|게시|수정|업데이트)"
    rf"{_END}",
    re.IGNORECASE,
)


@lru_cache(maxsize=MOST_REMEMBERED)
def without_tallies(text: str) -> str:
    """What is left of a line where such figures, and the word before them, are taken out; a line that has
    none, or is longer than such a line is, as it was."""
    if len(text) > _LONGEST or not (_has_digit(text) or _is_brief(text)):
        return text
    left = _TALLY.sub(" ", text)
    return text if left == text else _SAID_BEFORE.sub(" ", left)


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _is_brief(text: str) -> bool:
    """Whether it may be a time in words: "updated an hour ago". With a full stop it is a sentence."""
    return len(text) < _LONGEST_IN_WORDS and text[-1:] not in ".!?…"
