"""What pages that are no article say and carry: challenges, consent, absence, failure, paywalls.

The phrases are English, German, French, Spanish, Italian and Portuguese. A plain phrase hardly ever
stands in an article; a loose one may well, and needs a second sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.records import Verdict

SHORT = 150
"""Under so many words of text, what a page says and carries is looked at; from there on only its title."""


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """``titles`` are headings that say it all by themselves, beside the plain phrases."""

    verdict: Verdict
    plain: re.Pattern[str]
    loose: re.Pattern[str]
    titles: re.Pattern[str]


_CHALLENGES = Phrases(
    verdict=Verdict.BLOCKED,
    plain=_any_of(
        r"just a moment\s*(\.\.\.|…)",
        r"attention required!",
        r"pardon (our|the) interruption|please excuse the interruption",
        r"(sentimos|disculp\w+|perd\w+) la interrupción",
        r"checking (if|your browser|the site connection)|needs to review the security of your connection",
        r"verify(ing)? (that )?you(['’]re| are) (a )?(not a )?(human|(ro)?bot|real)",
        r"(confirm|prove|making sure|make sure|let us know) (that )?(you(['’]re| are)|your) (a )?(not a "
        r")?(human|humanity|(ro)?bot|real person)",
        r"access (to this (page|site|website|resource) )?(has been |is |was )denied",
        r"country belonging to the european economic area|unavailable (due to|for) legal reasons",
        r"not available (in|from) your (country|region|location)|in ihrem land nicht (verfügbar|anzeigen)",
        r"(you don['’]t|you do not) have permission to access",
        r"you(['’]ve| have) been blocked",
        r"your (ip|request|access|connection)( address)? (has been|was|is) (temporarily )?blocked",
        r"enable javascript and cookies to continue|please enable js and disable any ad ?blocker",
        r"request unsuccessful\. incapsula|the requested url was rejected|powered and protected by",
        r"performance (&|and) security by|ddos protection by|protected by anubis|web application firewall",
        r"made us think (that )?you (were|might be|are) a bot",
        r"(automated|suspicious|unusual) (traffic|activity|requests) (from|on|coming from|detected "
        r"(from|on)) your (computer|device|network|ip|connection|account|browser)",
        r"press (and|&) hold|complete the (security check|challenge|captcha|puzzle)",
        r"solve (this|the) (captcha|puzzle)",
        r"slide (right|the slider|to (verify|complete|secure))|are you a (human|robot)\?",
        r"i['’]?a?m not a robot\b",
        r"one more step\W{1,3}(please )?complete|ray id:?\s*[0-9a-f]{12,}|reference #\d+\.[0-9a-f]+\.",
        r"support id:? ?(is:? ?)?\d{8,}|incident id:? ?[0-9-]{10,}|error code:? ?10[012]\d\b",
        r"ihr browser wird überprüft|überprüf\w* (wir )?(, )?(ob|dass) sie (ein|kein) (mensch|roboter|bot)",
        r"bestätigen sie, dass sie (ein mensch|kein (roboter|bot))|zugriff (wurde )?verweigert",
        r"(nous vérifions|vérifiez|vérification) que vous (êtes|n['’]êtes pas) (un )?(humain|robot)",
        r"accès (vous )?(a été )?refusé",
        r"(verifi\w+|comprob\w+|confirm\w+|demuestr\w+) (que|si) (eres|no eres|usted es|es) (un )?(ser "
        r")?(humano|robot)",
        r"acceso (ha sido )?denegado",
        r"(verific\w+|conferm\w+|dimostr\w+) (di|che|se) (non )?(essere|sei) (un )?(essere )?(umano|robot)",
        r"accesso negato|(verifi\w+|confirm\w+|prov\w+) (que|se) (você )?(não )?(é|é um) (humano|robô)",
        r"acesso (foi )?negado",
    ),
    loose=_any_of(
        r"just a moment\b|attention required|captcha|one moment,? please|security (check|verification)",
        r"unusual (traffic|activity)|suspicious activity|automated (access|traffic|requests|queries)",
        r"not a (ro)?bot\b|\bbots?\b.{0,40}\b(detect|protect|real person)|are you (a )?(human|robot)",
        r"prove your humanity",
        r"ddos protection|bot (detection|protection)|access denied|request (blocked|unsuccessful)",
        r"too many requests",
        r"request could not be (satisfied|processed)",
        r"your (browser|connection) (is being|will be) (checked|verified)",
        r"rate limit(ed)? exceeded|human verification|proof[- ]of[- ]work|forbidden\b|not authori[sz]ed\b",
        r"accessdenied",
        r"sicherheits(überprüfung|prüfung|abfrage)|ungewöhnliche\w* (aktivität|datenverkehr|zugriff)\w*",
        r"contrôle de sécurité|activité (inhabituelle|suspecte)",
        r"(control|verificación|comprobación) de seguridad",
        r"actividad (inusual|sospechosa)|(controllo|verifica) di sicurezza|attività (insolita|sospetta)",
        r"verificação de segurança|atividade (incomum|suspeita)|visitor system",
    ),
    titles=_any_of(
        r"just a moment|attention required!?( 1)?|access (to this page (has been )?)?denied",
        r"(error )?403( -)?( forbidden)?",
        r"forbidden|security (check|verification)|human verification|robot or human\??",
        r"are you (a )?(human|robot)\??",
        r"captcha( required)?|challenge( validation)?|verification( required)?|blocked",
        r"you (are|have been) blocked",
        r"(ddos|bot) protection|request (rejected|blocked|unsuccessful)|bot (check|verification)",
        r"one moment,? please",
        r"unusual (traffic|activity)( detected)?|too many requests|client challenge|prove your humanity",
        r"unauthorized",
        r"(making sure|let us know|verify|verifying|checking|confirm) (that )?you(['’]re| are) (a )?(not "
        r"a )?(human|(ro)?bot)",
        r"sicherheits(überprüfung|prüfung)|zugriff verweigert|accès refusé|acceso denegado|accesso negato",
        r"acesso negado",
    ),
)

_CONSENTS = Phrases(
    verdict=Verdict.CONSENT,
    plain=_any_of(
        r"before you continue to\b|we (value|care about|respect) your privacy\W",
        r"we and our (\d[\d.,]* )?partners (store|use|process)",
        r"accept all (cookies)?.{0,60}reject all|reject all.{0,60}accept all",
        r"(accept|allow) (all )?cookies (to|and) continue",
        r"(zustimmen|akzeptieren) (und|&) weiter|mit werbung (weiterlesen|weiter)|weiter mit werbung",
        r"mit tracking (weiter)?lesen",
        r"einwilligen und weiter|mit werbung und tracking|pur-abo",
        r"wir und unsere (\d[\d.,]* )?partner (speichern|verarbeiten|nutzen)",
        r"alle akzeptieren.{0,60}alle ablehnen",
        r"accepter et (continuer|fermer)|continuer sans accepter",
        r"nous et nos (\d[\d.,]* )?partenaires (stockons|utilisons|traitons)",
        r"aceptar y (continuar|cerrar)|nosotros y nuestros (\d[\d.,]* )?(socios|partners)",
        r"continuar sin aceptar",
        r"accetta e (continua|chiudi)|continua senza accettare",
        r"noi e (i nostri )?(\d[\d.,]* )?(partner|fornitori) (archiviamo|selezionati|utilizziamo)",
        r"aceitar e (continuar|fechar)|nós e (os )?nossos (\d[\d.,]* )?(parceiros|fornecedores)",
        r"continuar sem aceitar",
    ),
    loose=_any_of(
        r"before you continue|(manage|your) (privacy|consent|cookie) (choices|settings|preferences)",
        r"cookie[- ]?(wall|consent)",
        r"we (value|care about|respect) your privacy|we use cookies|this (site|website) uses cookies",
        r"accept (all )?cookies",
        r"\bconsent(\.|/|\s+(to|preferences|management)\b)|zustimmung|cookies? (zulassen|akzeptieren)",
        r"datenschutz-?einstellungen",
        r"(paramètres|gestion) des cookies|votre vie privée|nous utilisons des cookies|tout accepter",
        r"tout refuser",
        r"(su|tu) privacidad|utilizamos cookies|aceptar (todo|todas|las cookies)|rechazar todo",
        r"la tua privacy|utilizziamo i cookie|accetta tutti?\b|(sua|tua) privacidade|utilizamos cookies",
        r"aceitar (tudo|todos)",
    ),
    titles=_any_of(
        r"before you continue( to \w+)?|(cookie|privacy|your) (consent|settings|choices|preferences)",
        r"privacy gate|cookie ?wall",
        r"we (value|care about|respect) your privacy|consent|zustimmung",
        r"(cookie|datenschutz)-?einstellungen",
        r"votre vie privée|gestion des cookies|tu privacidad|su privacidad|la tua privacy",
        r"a sua privacidade",
    ),
)

_RETURN = r"(can(no|['’])t|could(n['’]t| not)|isn['’]t|is not|does(n['’]t| not)|has been|may have been|no longer|was)"
_ABSENCES = Phrases(
    verdict=Verdict.SOFT_404,
    plain=_any_of(
        r"(error|http|status|code)\W{0,3}(404|410)\b|\b404\b\W{0,3}(not found|error|page|file)\b",
        r"^\W*404\W*($|\|)",
        r"(page|file|resource|url) (was |could |can )?(not|n['’]t) (be )?found\b|nosuchkey",
        r"specified key does not exist",
        rf"page (you|that you|you['’]re|at this address)\b[^.]{{0,60}}\b{_RETURN}\b",
        rf"this page {_RETURN}\W+(exist|available|found|here)",
        r"we (can(no|['’])t|could(n['’]t| not)) (seem to )?find (the|that|this|your) page",
        r"nothing (was )?found (here|at this)",
        r"(story|article|content|post|item|listing) (you(['’]re| are|r)?[^.]{0,40} )?(is|was) (no longer "
        r"available|not found)",
        r"seite (wurde |konnte |existiert |ist )?(leider )?nicht (mehr )?(gefunden|verfügbar|vorhanden)",
        r"gesuchte seite",
        r"(page|article|contenu) (demandée? |recherchée? )?(est )?(introuvable|n['’]existe "
        r"(pas|plus)|n['’]est plus disponible)",
        r"página (solicitada |que busca\w* )?(no (encontrada|existe|disponible|se (ha )?(encontr\w+|pudo "
        r"encontrar))|ya no)",
        r"pagina (richiesta |cercata )?non (è stata )?(trovata|esiste|disponibile)",
        r"página (solicitada )?não (foi )?(encontrada|existe)",
        r"(buy|purchase|acquire|get) this domain",
        r"(this )?domain (name )?(is|may be|has been) (for sale|parked|expired|available for)",
        r"domain (steht|ist) zum verkauf|(diese )?domain (kaufen|erwerben)|domaine (est )?à vendre",
        r"dominio (está |è )?en? venta",
        r"dominio (è )?in vendita|domínio (está )?à venda|parked (free|domain)|domain parking",
    ),
    loose=_any_of(
        r"no longer (available|exists?|online)|\bnot found\b|(has|have) (expired|been (re)?moved)",
        r"does(n['’]t| not) exist",
        r"nicht (mehr )?(gefunden|verfügbar)|n['’]existe (pas|plus)|introuvable|plus disponible",
        r"no (encontrad[oa]|está disponible)",
        r"ya no (existe|está disponible)|non (è più disponibile|trovat[oa])",
        r"não (encontrad[oa]|está (mais )?disponível)",
    ),
    titles=_any_of(
        r"(error|erreur|fehler|errore|erro)?\W*(404|410)\W*(error|not found|page not found|gone)?",
        r"(page|file) not found",
        r"(page|story|article|content) (is )?no longer (available|exists?)",
        r"not found|(oops|sorry|whoops)\W.{0,50}(not|n['’]t|lost|missing|gone).{0,20}",
        r"(page|content) (missing|unavailable|not available)",
        r"seite nicht gefunden|nicht gefunden|page (introuvable|non trouvée)|página no encontrada",
        r"pagina non trovata",
        r"página não encontrada|domain (parked|for sale)|.{1,40} is for sale",
    ),
)

_FAILURES = Phrases(
    verdict=Verdict.SUSPECT,
    plain=_any_of(
        r"(error|http|status|code)\W{0,3}5([0-3]\d)\b",
        r"\b50[0234]\W{0,3}(internal|bad|service|gateway|error|server)\b",
        r"internal server error|bad gateway|gateway time-?out|service (is )?(temporarily )?unavailable",
        r"application error",
        r"(web server|origin|site|website|page) (is )?(down|unreachable|offline) (for|due|error)",
        r"web server is down",
        r"error establishing a database connection|upstream (connect|request) (error|timeout)",
        r"no healthy upstream",
        r"backend fetch failed|guru meditation|this page contains the following errors",
        r"error on line \d+ at column",
        r"fatal error: |uncaught \w*(error|exception)|stack trace:|whitelabel error page",
        r"traceback \(most recent",
        r"(briefly |temporarily )?unavailable for (scheduled )?maintenance",
        r"(undergoing|under|down for|scheduled) (scheduled )?maintenance",
        r"an error occurred (while|during) (processing|the)|wegen wartung|wartungs(arbeiten|modus)",
        r"en (cours de )?maintenance",
        r"en mantenimiento|in manutenzione|em manutenção|cannot (get|post) /",
        r"(your )?browser (is )?(not supported|no longer supported|out of date|outdated|unsupported)",
        r"unsupported browser",
        r"(please )?(upgrade|update) (to a (newer|modern) |your )browser",
        r"browser wird nicht (mehr )?unterstützt",
        r"navigateur (n['’]est (pas|plus) (supporté|pris en charge)|est obsolète)",
        r"navegador (no|não) (es|é) (compatible|suportado)",
        r"browser non (è )?(supportato|aggiornato)",
    ),
    loose=_any_of(
        r"something went wrong|temporarily unavailable|(an|unexpected) error (has )?occurred",
        r"try again (later|in a)",
        r"(under|for) maintenance|be (right )?back soon|service unavailable",
        r"technical (difficulties|problems)",
        r"(you (will|should) be )?redirect(ed|ing)\b|if you are not redirected|loading\s*(\.\.\.|…)",
        r"ein fehler ist aufgetreten|etwas ist schiefgelaufen|vorübergehend nicht (verfügbar|erreichbar)",
        r"une erreur (est survenue|s['’]est produite)|momentanément indisponible",
        r"(ha ocurrido|se ha producido) un error|algo salió mal",
        r"si è verificato un errore|qualcosa è andato storto|ocorreu um erro|algo deu errado",
    ),
    titles=_any_of(
        r"(error|erreur|fehler|errore|erro)?\W*50[0-4]\W*(internal server error|bad gateway|service "
        r"(temporarily )?unavailable|gateway time-?out|server error)?",
        r"error|server error|internal server error|bad gateway|service unavailable",
        r"something went wrong|(site )?(under |down for )?maintenance( mode)?|wartung(sarbeiten)?",
        r"temporarily unavailable",
        r"application error|unsupported browser|redirecting\W*|you should be redirected.*",
        r"we(['’]ll| will) be (right )?back( soon)?",
    ),
)

SPOKEN = (_CHALLENGES, _ABSENCES, _FAILURES, _CONSENTS)
"""Looked for in this order; a banner that asks for consent may be on any page, so that comes last."""

_WALL_CODE = (
    b"_cf_chl_opt cf-chl- cf_chl_ jschl_ jschl- cdn-cgi/challenge-platform/h/ cf-browser-verification cf-error-details "
    b"captcha-delivery.com _incapsula_resource px-captcha /captcha/captcha.js sgcaptcha "
    b"awswafcookiedomainlist gokuprops anubis_challenge anubis_version /.within.website/ "
    b"bm-verify sec-if-cpt sec-cpt- sucuri_cloudproxy_js distil_r_captcha "
    b"distilcallback /__qrator/ sbbi/?sbbpg visitor/mini_original slardar_us_waf /__challenge_ "
    b"x-vercel-challenge _vcrcs basilisk-challenge"
).split()
_FORM_CODE = (
    b"cdn-cgi/challenge-platform g-recaptcha recaptcha/api recaptcha/enterprise hcaptcha.com turnstile/v0 "
    b"arkoselabs awswaf friendly-challenge geetest.com _pxappid kpsdk /149e9513- tspd_101 /tspd/ ddos-guard/js"
).split()
SHELL_CODE = re.compile(
    rb"""<div\s[^>]{0,200}?id=["']?(root|app|__next|__nuxt|___gatsby|react-root|app-root|main-app|svelte)["']?"""
    rb"""[^>]{0,200}>\s*</div>|<app-root[^>]{0,200}>\s*</app-root>|id=["']__next_error__""",
    re.IGNORECASE,
)
"""The place where a script is to put the whole page, empty."""
TIMED = re.compile(
    rb"<time\b|article:(published|modified)|date(Published|Modified)|pubdate|dc\.date", re.IGNORECASE
)
"""Where a page says in its markup when it was published."""
ADDRESSES = re.compile(
    r"\b[Yy](ou|our|ou['’]re)\b|\b[Pp]lease\b|\b[Bb]itte\b|(?<=[a-zäöüß,] )(Sie|Ihr|Ihre[mn]?)\b|"
    r"\b([Vv]ous|[Vv]otre|[Vv]euillez)\b|"
    r"\b([Uu]sted|[Pp]or favor|[Tt]u navegador|[Ss]u navegador|[Vv]ocê|[Ss]eu navegador|[Pp]er favore|[Tt]uo browser)\b"
)
"""Words to the visitor, as walls and error pages use them and reports hardly do."""
DECLARED = re.compile(
    rb"""<article\b|itemprop=["']?articleBody|property=["']?article:published|["']og:type["'][^>]{0,40}["']article["']|"""
    rb""""@type"\s*:\s*(?:\[\s*)?"[A-Za-z]{0,40}(Article|BlogPosting|Report)\"""",
    re.IGNORECASE,
)
"""What a page carries that calls itself an article."""
ANY_MARKUP = re.compile(rb"<[a-z!?/]", re.IGNORECASE)

NEEDS_SCRIPT = _any_of(
    r"\b(enable|requires?|allow|turn "
    r"on|activ\w+|aktivier\w*|habilit\w+|abilit\w+|attiv\w+|ativ\w+)\b.{0,30}\b(javascript|js)\b",
    r"\b(without|ohne|sans|sin|senza|sem)\b.{0,30}\bjavascript",
    r"javascript.{0,40}(required|disabled|enabled|aktivieren|deaktiviert|désactivé|requis)",
    r"javascript.{0,40}(desactivado|disabilitato|desativado|necesario|necessario|necessário)",
)
"""What asks for JavaScript."""

PAYWALL_SAYS = _any_of(
    r"(subscribe|sign (in|up)|log ?in|register)( now| today| for free)? to "
    r"(continue|keep|read|unlock|finish)( reading| on| more)?",
    r"(to|and) (continue|keep) reading,? (please |you )?(subscribe|sign|log|register|create|need)",
    r"already a (subscriber|member)\?",
    r"(this|the) (article|story|content) is (only (available )?(for|to)|reserved for|exclusive(ly)? "
    r"(for|to)|for) (our )?(paying )?(subscribers|members)",
    r"subscriber[- ](only|exclusive)|(create|register for) (a|your) free account to",
    r"you(['’]ve| have) (reached|read|used) your (\w+ )?(limit|free|last)",
    r"(continue|keep) reading (with|for) (a|just|only|your)|unlock (this|the) (article|story)",
    r"exclusive(ly)? for subscribers",
    r"weiterlesen mit|jetzt (weiterlesen|freischalten|abonnieren|testen und)",
    r"(schon|bereits) (abonnent|abonniert|digital-abonnent)|(nur|exklusiv) für abonnent",
    r"(artikel|inhalt) (freischalten|ist (nur )?(für abonnent|exklusiv))|im abo (weiterlesen|lesen)",
    r"réservée? (à nos|aux) abonnés|(déjà|vous êtes) abonnée?\b|abonnez-vous pour|pour lire la suite",
    r"il vous reste \d+\s?% (de cet|à lire)|lire la suite de cet article",
    r"connectez-vous pour (lire|continuer)",
    r"suscríbete (para|y)|suscríbase para",
    r"(solo|sólo|exclusiv\w+) para (los )?(suscriptores|subscriptores|socios)|¿?ya (eres|es) suscriptor",
    r"(inicia sesión|regístrate) para (seguir|continuar|leer)|para seguir leyendo",
    r"(contenuto|articolo) (riservato|esclusivo)|riservato (agli|ai) (abbonati|nostri)",
    r"abbonati per (leggere|continuare)|(sei )?già abbonato|per continuare a leggere",
    r"accedi per (leggere|continuare)",
    r"(conteúdo|matéria|artigo) exclusiv[oa] (para|de) (assinantes|subscritores)",
    r"(só|apenas|exclusiv\w+) para (os )?(assinantes|subscritores)|assine (para|e) (ler|continu\w+|tenha)",
    r"já é (assinante|subscritor)|para continuar (a ler|lendo)|faça login para (ler|continuar)",
)
PAYWALL_DECLARED = re.compile(
    rb"""["']?isAccessibleForFree["']?\s*[:=]\s*(?:\[\s*)?["']?false|content_tier["'][^>]{0,20}content=["']?(locked|metered)""",
    re.IGNORECASE,
)
PAYWALL_CODE = re.compile(
    rb"""(class|id)\s{0,9}=\s{0,9}["']?[^"'<>]{0,100}?(paywall|piano-|\bpiano\b|tp-modal|tp-container|regwall|reg-wall|subscriber-only|"""
    rb"""subscribers-only|premium-wall|metered-wall|gate-content|locked-content|abo-?wall)""",
    re.IGNORECASE,
)

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def carries_wall(body: bytes) -> bool:
    """Whether that is code that only a bot wall carries."""
    lowered = body.lower()
    return any(code in lowered for code in _WALL_CODE)


def carries_check(body: bytes) -> bool:
    """Whether that is code of a bot wall that an article's page may carry too, for a form or a silent watch."""
    lowered = body.lower()
    return any(code in lowered for code in _FORM_CODE)


def amount(text: str) -> int:
    """How much text that is, in words; scripts without spaces count two characters as a word."""
    return len(text.split()) + len(_UNSPACED.findall(text)) // 2
