"""Short blocks between the paragraphs of an article that are not of it, known by what they say:
labels of buttons, bare times, photo credits, invitations to subscribe, teasers for other stories.

The rules are about words, in the languages that are read; they name no outlet. What is longer than
such things are is never one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from monitor.extract.blocks import Block
from monitor.extract.tallies import MOST_REMEMBERED, without_tallies
from storage.records import ParagraphKind

_LONGEST_INVITATION = 260
_WORD = re.compile(r"\w")
_LABELS = re.compile(
    r"(\d+\s*)?(advertisements?|ads? by \w+|anzeige|werbung|publicité|publicidad(e)?|pubblicità|iklan|реклама|reklam[ae]?|annons|annonse?|mainos|advertentie|hirdetés|publicitate|διαφήμιση|quảng cáo|"
    r"إعلان|विज्ञापन|広告|广告|廣告|광고|"
    r"advertisement ?-? ?(scroll|story|article)? ?continues?( reading)?( below)?|(story|article|content) continues( below)?( advertisement)?|"
    r"close|caption|captions|show caption|hide caption|toggle caption|enlarge( this image)?|play( video| audio)?|pause|mute|loading[.… ]*|"
    r"share( this)?( (article|story|post|page|link))?( (on|via) .{2,20})?|shares?|tweet|pin( it)?|print( this)?|email( this)?|e-mail|reddit|"
    r"whatsapp|facebook|twitter|linkedin|pinterest|telegram|copy link|link copied!?|save|bookmark|like( this)?|follow|reply|report|"
    r"comments?( closed)?|no comments( yet)?|(leave|post|add|write) a (comment|reply)|(view|show|read|see) (all )?(\d+ )?comments|join the (conversation|discussion)|"
    r"read more|read the full (story|article)|continue reading|show more|see more|view more|load more|more|next|previous|back to top|"
    r"scroll (back )?to top|top|skip|menu|search|home|topics?|tags?|keywords|categories|filed under|related( topics| stories| articles| content| posts)?|"
    r"sharing is caring!?|media playback is (un|not )supported on (your|this) device|image (source|caption|copyright)|getty images|"
    r"photo|photos|video|watch|listen|gallery|slideshow|click to (enlarge|expand|view)( image)?|press enter or click to view image in full size|"
    r"mehr zum thema|zum thema|teilen|drucken|kommentare?|weiterlesen|partager|imprimer|lire (aussi|la suite)|commentaires?|"
    r"compartir|comentarios?|leer más|valorar|condividi|commenti|leggi anche|compartilhar?|compartilhe|comentários?|leia (mais|também))"
    r"\W*(\d+)?",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"\W*(advertisement|anzeige|werbung|publicité|publicidad|pubblicità|sponsored|promoted)\b", re.IGNORECASE
)
_PAID_FOR = re.compile(r"\W*(advertisement|anzeige|werbung|sponsored)\s*[-–—:|]\s", re.IGNORECASE)
_OPENERS = re.compile(
    r"^\W*(read (also|more|next|:)|also read|see also|related( (stor|article|video|content|post|link|coverage|topic|news)\w*)?\s*[:|-]|related:|more:|watch:|"
    r"listen:|photos?:|gallery:|video:|don['’]t miss|you (may|might) (also )?(like|be interested)|recommended( for you)?|"
    r"a version of this (article|story)|tags?\s*:|filed under|posted (in|by|on)\b[^.!?]{0,80}$|categor(y|ies):|topics:|click here (to|for)|what you need to know:|"
    r"lesen sie (auch|mehr)|mehr (dazu|zum thema)|lire aussi|à lire aussi|lea también|leer también|lee también|leggi anche|leia (também|mais)|veja também|"
    r"(auch interessant|schon gelesen|passend dazu|lesetipp|zum weiterlesen)\s*([:?!|–-]|$)|verwandte (themen|artikel|beiträge)|voir aussi|pour aller plus loin|"
    r"te puede interesar|ver también|vea también|mira también|potrebbe interessarti|approfondisci|saiba mais|confira também|"
    r"lees (ook|meer|verder)|bekijk ook|läs (också|mer|även)|les (også|mer)|læs (også|mere)|lue (myös|lisää)|"
    r"czytaj (także|też|również|więcej|dalej)|zobacz (także|też|również)|przeczytaj (także|też|również)|čtěte (také|více|též)|přečtěte si|"
    r"prečítajte si|olvass[ao]? (el|még|tovább)|citește și|citeşte şi|vezi și|прочетете (още|също)|вижте (още|също)|"
    r"читайте (также|ещ[её]|на тему|подробнее)|смотрите также|читать также|по теме:|читайте також|дивіться також|"
    r"διαβάστε (επίσης|ακόμ[αη]|περισσότερα)|δείτε (επίσης|ακόμ[αη])|ilgili haber|baca (juga|selengkapnya)|lihat juga|simak juga|xem thêm|đọc thêm|"
    r"اقرأ (أيضا|أيضًا|ايضا|المزيد)|إقرأ أيضا|ये भी पढ़ें|यह भी पढ़ें|इसे भी पढ़ें|আরও পড়ুন|"
    r"関連記事|あわせて読みたい|【関連|相关阅读|延伸阅读|延伸閱讀|相關新聞|관련기사|"
    r"(beitrags|titel)bild:|"
    r"image (source|copyright|credit)|(photo|image|picture|foto|bild|crédit|credit)s? ?(by|from|credits?|courtesy|via)?\s*[:/©])",
    re.IGNORECASE,
)
_INVITES = re.compile(
    r"^\W*((please )?(follow|subscribe|sign up|register|join|like|download|get (the|our|more|access|all|your|instant)|want (more|to|the)|need more|have a (tip|story|question)|"
    r"click here|support|donate|become a|stay (up|in|tuned|informed)|listen to|keep up|never miss|for (more|the latest)|to (read|get|receive|subscribe)|"
    r"start your|email |contact |reach |send |our standards|there['’]s plenty|this (story|article) (first |originally )?appeared|receive |read more |check out |catch up |"
    r"abonnieren|melden sie|folgen sie|abonnez|inscrivez|suivez|suscríbe|s[íi]guenos|sigue |iscriviti|seguici|assine|siga |inscreva))",
    re.IGNORECASE,
)
_INVITED_TO = re.compile(
    r"newsletter|inbox|subscri|sign up|twitter|facebook|instagram|youtube|telegram|whatsapp|linkedin|tiktok|podcast|\bapp\b|@\w|"
    r"(daily|weekly) (email|e-mail|briefing|digest)|trust principles|e-?mail|membership|donat|premium|"
    r"abonn|abbon|assin|suscri|boletín|newsletters",
    re.IGNORECASE,
)
_TAG_LIST = re.compile(
    r"\W*(tags?|topics|keywords|filed under|etiquetas?|temas|palavras-chave|schlagw(ö|oe)rter|stichw(ö|oe)rter|themen|"
    r"mots-clés|sujets|argomenti)\b",
    re.IGNORECASE,
)
_COMMENT_RULES = re.compile(
    r"(?=.*\b(comments?|comentários?|comentarios?|commentaires?|kommentare?n?|commenti)\b)"
    r".*\b(moderat(ed|ing|ion|ors?)|moderad[oa]\w*|moderación|moderação|modér\w*|moderier\w*|netiquette|offensive|ofensiv\w*|abusive|"
    r"freigeschaltet|(will be|are|reserves? the right to) (deleted?|removed?|approved?|published?|closed?)|community guidelines|"
    r"(não|no) ser[aá][no]? (\w+ )?(aprovad|publicad|permitid)\w*|no está permitid\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_RIGHTS = re.compile(r".*(무단 ?(전재|복제)|無断(転載|複製)|禁止轉載|未经授权.*转载)")
_ADDRESS = re.compile(
    r"([\w.+-]+@[\w-]+(\.[\w-]+)+|(https?://)?(www\.)?(twitter|x|facebook|instagram)\.com/[\w./-]+|@\w{3,20})"
)
_REPORTS_ERROR = re.compile(r"\bctrl\s*\+\s*(enter|ввод)\b", re.IGNORECASE)
_TIME_CLASS = re.compile(r"(?:^|[\s_-])(?:date|time|datetime|datum|fecha|data)(?:$|[\s_-])", re.IGNORECASE)
_CREDIT = re.compile(
    r"getty images|/ ?(ap|afp|reuters|epa|getty|shutterstock|istock|alamy|dpa|bloomberg|file)\b|\b(ap|file|courtesy|handout|staff) photo\b|shutterstock|"
    r"istockphoto|unsplash|^(photo|image|picture|credit|foto|bild|crédit|courtesy|©)\b|\| (getty|reuters|ap|bloomberg|afp)|image via",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(
    r"\b(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?\b|\b(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|"
    r"oct(ober)?|nov(ember)?|dec(ember)?)\b|\b(am|pm|a\.m|p\.m|est|edt|pst|pdt|cst|cdt|mst|mdt|et|pt|ct|gmt|utc|bst|ist|cet|cest|amt|uhr|hrs?|ago|hours?|minutes?|mins?|"
    r"days?|weeks?|months?|years?|at|on|um|the|of|am|le|de|à|às|alle|ore|el|del|posted|published|updated?|last|modified|first|time|date|by|"
    r"veröffentlicht|aktualisiert|stand|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|atualizado|em|"
    r"januar|februar|märz|mai|juni|juli|oktober|dezember|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    r"janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|"
    r"janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|segunda|terça|quarta|quinta|sexta|sábado|domingo|feira|"
    r"vor|minuten?|stunden?|tage?n?|il y a|heures?|jours?|hace|há|atrás|minutos?|horas?|días?|dias?|minut[oi]|or[ae]|giorn[oi]|fa|lunes|martes|miércoles|jueves|viernes|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|read|reading|min)\b|[年月日時分]|기사입력|입력|수정|오전|오후",
    re.IGNORECASE,
)
_TAILS = re.compile(
    r"^\W*((more|related|other|similar|latest|top|popular|trending|recommended|most (read|popular|viewed)|further|also|additional) "
    r"[\w’' ]{0,30}?(stor(y|ies)|articles?|news|posts?|reads?|reading|coverage|links|content|videos?|headlines|features)( like this( one)?)?|"
    r"you (may|might|['’]ll) (also )?(like|enjoy|love|be interested in)|recommended (for you|reading)|"
    r"read (next|more|also)|see also|up next|don['’]t miss|more (from|on|about|in) .{2,40}|about the author|"
    r"(leave|post|add|write) a (comment|reply)|comments?( \(\d+\))?|comentar|kommentieren|commenter|commenta|comentar noticia|"
    r"\d+ (comments?|responses|thoughts|replies)( .{0,60})?|"
    r"latest posts by .{2,60}|sources?|share this( .{0,20})?|tags|related|"
    r"mehr zum thema|das könnte (sie|dich) auch interessieren|lesen sie auch|(weitere|neueste|ähnliche|verwandte|passende) "
    r"(artikel|beiträge|themen|themenbereiche|nachrichten|meldungen)|auch interessant|schon gelesen|zum weiterlesen|quellenangaben|kommentare|"
    r"articles similaires|à découvrir|lire la suite|artículos relacionados|más sobre .{2,40}|articoli simili|potrebbe interessarti( anche)?|"
    r"lees ook|gerelateerde? (artikelen|berichten)|läs (också|mer)|les også|læs også|lue myös|czytaj (także|też|również)|powiązane artykuły|čtěte také|"
    r"ilgili haberler|baca juga|berita terkait|xem thêm|tin liên quan|смотрите также|похожие (статьи|материалы|новости)|читайте також|"
    r"διαβάστε επίσης|あわせて読みたい|延伸閱讀|相關新聞|à lire aussi|sur le même sujet|articles? liés?|commentaires|"
    r"te puede interesar|más noticias|noticias relacionadas|comentarios|leggi anche|articoli correlati|commenti|leia também|veja também|notícias relacionadas|comentários|"
    r"читайте также|отзывы|комментарии|관련기사|関連記事|相关阅读)\W*$",
    re.IGNORECASE,
)

_AGO = re.compile(
    r"\W*((vor|il y a|hace|há)\s)?\d{1,2}\s?(s|m|h|d|secs?|mins?|hrs?|seconds?|minutes?|hours?|days?|Sek\w*|Min\w*|Std|"
    r"Stunden?|Tag\w*|heures?|jours?|minutos?|horas?|días?|minut[oi]|or[ae]|giorn[oi]|dias?)\b\.?(\s(ago|fa|atrás))?",
    re.IGNORECASE,
)
"""How a link to another story begins that says how new that is."""


def is_chaff(block: Block) -> bool:
    """Whether this block is of the page and not of the article."""
    text, size = block.text, len(block.text)
    heading = block.kind is ParagraphKind.HEADING
    if not _WORD.search(text) or (heading and block.linked > 0.8 * size):
        return True
    if block.linked > 0.8 * size and not heading and size < 200 and block.kind is not ParagraphKind.QUOTE:
        return block.kind is not ParagraphKind.LIST or size < 100
    if block.linked > 0.5 * size and size < 200 and not heading and _AGO.match(text):
        return True
    if block.linked > 0.6 * size and not heading and _TAG_LIST.match(text):
        return True
    if size > _LONGEST_INVITATION:
        return False
    if _is_label(text) or _REPORTS_ERROR.search(text) or (not heading and _is_line_of_facts(block)):
        return True
    if size < 200 and (_PAID_FOR.match(text) or (block.linked > 0.4 * size and _PAID.match(text))):
        return True
    if block.kind is ParagraphKind.QUOTE:
        return False
    return bool((size < 200 and _OPENERS.match(text)) or (_INVITES.match(text) and _INVITED_TO.search(text)))


def _is_label(text: str) -> bool:
    return len(text) < 60 and _LABELS.fullmatch(text.strip(" .:|»›>-–—•·*\t")) is not None


def _is_line_of_facts(block: Block) -> bool:
    """A time, a tally, an address, a credit or a reservation of rights, and no more than that."""
    text, size = block.text, len(block.text)
    if block.owner.tag != "tr" and _is_line_of_tallies(text):
        return True
    if size < 60 and (_is_bare_time(text) or (size < 40 and _is_classed_time(block))):
        return True
    if size < 80 and _ADDRESS.fullmatch(text):
        return True
    if block.kind is ParagraphKind.CAPTION or size >= 160:
        return False
    return bool(_RIGHTS.match(text) or (size < 90 and text[-1] not in '.!?”"' and _CREDIT.search(text)))


def follows_an_article(block: Block) -> bool:
    """Whether this block, where it stands last, says how readers may comment."""
    return len(block.text) < _LONGEST_INVITATION and bool(_COMMENT_RULES.match(block.text))


def heads_a_tail(block: Block) -> bool:
    """Whether this block is the heading of what follows after an article."""
    return len(block.text) < 70 and bool(_TAILS.match(block.text))


def _is_classed_time(block: Block) -> bool:
    """A few words with a number in them, in an element that is called a time: "Yesterday, 17:40"."""
    named = block.owner.get("class")
    return bool(named and _TIME_CLASS.search(named) and any(character.isdigit() for character in block.text))


def _is_line_of_tallies(text: str) -> bool:
    """What the page counts by itself, perhaps beside a time, and no more than that."""
    left = without_tallies(text)
    return left != text and (not _WORD.search(left) or _is_bare_time(left))


@lru_cache(maxsize=MOST_REMEMBERED)
def _is_bare_time(text: str) -> bool:
    if not any(character.isdigit() for character in text):
        return False
    left = re.sub(r"[\d\W_]+", " ", _TIME_WORDS.sub(" ", text)).strip()
    return len(left) <= 3
