"""Rows 16 to 19, 30, 32 and 35: letters in the wrong encoding or in none, what is no letter, times that are none, and
letters that hide what stands there."""

from __future__ import annotations

import json

from tests.hostile.case import Case, Look, believed, refused, story
from tests.servers import head, http

SPOKEN = "Die Bürgermeisterin nannte die Brücke über die Mürz „völlig“ überlastet"
_PLAIN = story()
_RUSSIAN = (
    "Мост через гавань закрыт до пятницы, сообщили в мэрии, паромы ходят каждые десять минут без перерыва."
)
_JAPANESE = "港の橋は金曜日まで閉鎖されると市役所が発表し、フェリーは十分ごとに運航している。"


def sent(body: bytes | str, kind: str | None = "text/html; charset=utf-8") -> bytes:
    """That body under that type; None: under none."""
    payload = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    types = {} if kind is None else {"Content-Type": kind}
    return head(200, {**types, "Content-Length": str(len(payload)), "Connection": "close"}) + payload


def _in(language: str, sentence: str) -> str:
    return story("".join(f"<p>{sentence}</p>" for _ in range(6))).replace('lang="en"', f'lang="{language}"')


def _with_meta(label: str) -> str:
    return story(head=f'<meta charset="{label}">')


CHARSETS: tuple[Case, ...] = (
    believed(16, "no charset, UTF-8", sent(_PLAIN, "text/html"), reads=SPOKEN),
    believed(16, "no type at all", sent(_PLAIN, None), reads=SPOKEN),
    believed(16, "no charset, Windows-1252", sent(_PLAIN.encode("cp1252"), "text/html"), reads=SPOKEN),
    believed(16, "Latin-1 that is UTF-8", sent(_PLAIN, "text/html; charset=iso-8859-1"), reads=SPOKEN),
    believed(
        16,
        "Latin-1 that is Windows-1252",
        sent(_PLAIN.encode("cp1252"), "text/html; charset=latin1"),
        reads=SPOKEN,
    ),
    believed(16, "a charset that is none", sent(_PLAIN, "text/html; charset=no-such"), reads=SPOKEN),
    believed(16, "a charset of 60 KB", sent(_PLAIN, "text/html; charset=" + "x" * 60_000), reads=SPOKEN),
    believed(16, "a charset with a path", sent(_PLAIN, "text/html; charset=../../etc/passwd"), reads=SPOKEN),
    *(
        believed(16, f"{label} that is UTF-8", sent(_PLAIN, f"text/html; charset={label}"), reads=SPOKEN)
        for label in (
            "utf-16",
            "utf-32",
            "rot13",
            "idna",
            "punycode",
            "hex",
            "zlib",
            "unicode_escape",
            "cp037",
        )
    ),
    believed(16, "UTF-16 without a mark", sent(_PLAIN.encode("utf-16-le"), "text/html"), reads=SPOKEN),
    believed(
        16,
        "UTF-16, big end first, without a mark",
        sent(_PLAIN.encode("utf-16-be"), "text/html"),
        reads=SPOKEN,
    ),
    believed(16, "UTF-16 with a mark, called UTF-8", sent(_PLAIN.encode("utf-16")), reads=SPOKEN),
    believed(
        16,
        "a mark of UTF-8, called Latin-1",
        sent("\ufeff" + _PLAIN, "text/html; charset=iso-8859-1"),
        reads=SPOKEN,
    ),
    believed(16, "a meta that says UTF-16", sent(_with_meta("utf-16"), "text/html"), reads=SPOKEN),
    believed(16, "header and meta that differ", sent(_with_meta("koi8-r")), reads=SPOKEN),
    believed(
        16,
        "a meta behind 5 KB",
        sent(story(head=f"<!--{'x' * 5000}--><meta charset=koi8-r>"), "text/html"),
        reads=SPOKEN,
    ),
    believed(
        16,
        "Cyrillic in KOI8-R",
        sent(
            _in("ru", _RUSSIAN)
            .replace("„", '"')
            .replace("“", '"')
            .replace("”", '"')
            .encode("koi8-r", "xmlcharrefreplace"),
            "text/html; charset=koi8-r",
        ),
        reads=_RUSSIAN,
    ),
    believed(
        16,
        "Japanese in Shift JIS",
        sent(_in("ja", _JAPANESE).encode("shift_jis", "xmlcharrefreplace"), "text/html; charset=shift_jis"),
        reads=_JAPANESE,
    ),
    believed(
        16,
        "Chinese under an old name",
        sent(_in("zh", "镕" + _JAPANESE[:1]).encode("gb18030"), "text/html; charset=gb2312"),
        reads="镕",
    ),
    believed(
        16,
        "UTF-7 is what it looks like",
        sent(
            story("<p>+ADw-script+AD4-alert(1)+ADw-/script+AD4- was written on the bridge.</p>"),
            "text/html; charset=utf-7",
        ),
        reads="+ADw-script+AD4-",
    ),
    refused(
        16,
        "UTF-8 that is Windows-1252",
        sent(story(f"<p>{'Öffnung für Fähren über die Mürz. ' * 20}</p>").encode("cp1252")),
        "withheld suspect",
    ),
    refused(
        16, "UTF-8 that is KOI8-R", sent(_in("ru", _RUSSIAN).encode("koi8-r", "replace")), "withheld suspect"
    ),
    refused(
        16,
        "two encodings in one page",
        sent(_PLAIN.encode() + b"<p>" + "ÄÖÜäöüß".encode("cp1252") * 90),
        "withheld suspect",
    ),
    refused(
        16,
        "UTF-32",
        sent(_PLAIN.encode("utf-32"), "text/html; charset=utf-32"),
        "same",
    ),
    refused(16, "UTF-16 with half a letter", sent(_PLAIN.encode("utf-16")[:-1]), "same"),
)

_BAD = "&#0; &#xD800; &#x110000; &#99999999999999; &#xB; &#1; &#xFFFE; \x0b \x0c \x01 \x1b[31m \x7f \x85 \ufffe \ud800"
_SAID = json.dumps({"@type": "NewsArticle", "headline": f"{_BAD} Bridge", "author": f"Ann {_BAD}"})

NO_LETTERS: tuple[Case, ...] = (
    believed(
        17,
        "zeros in the text",
        sent(story("<p>The zeros: bri\0dge, tun\0nel.</p>")),
        reads="The zeros: bridge, tunnel.",
    ),
    believed(
        17,
        "zeros in the markup",
        sent(story('<p\0>The mar\0kup is read.</p><p class="a\0b" \0id=x>So is this.</p>')),
    ),
    believed(17, "100,000 zeros", sent(story("\0" * 100_000))),
    believed(
        17,
        "a zero after every letter of the text",
        sent(story(f"<p>{''.join(c + chr(0) for c in 'The ferry is late.')}</p>")),
        reads="The ferry is late.",
    ),
    believed(18, "half a letter, as a number", sent(story("<p>Half a letter: &#xD800; and &#xDFFF;.</p>"))),
    believed(18, "half a letter, as bytes", sent(story("<p>Half a letter: \ud800 and \udfff.</p>"))),
    believed(
        18,
        "half a letter in a script",
        sent(story(head=f'<script type="application/ld+json">{_SAID}</script>')),
    ),
    believed(19, "what XML cannot hold", sent(story(f"<p>What is no letter: {_BAD}</p>"))),
    believed(
        19,
        "what XML cannot hold, in every field",
        sent(story(head=f'<meta name="author" content="{_BAD}">', headline=f"Bridge {_BAD} closed")),
    ),
    believed(
        32, "escapes in a headline", sent(story(headline="Bridge \x1b[2J\x1b[31mclosed\x07 \r\nSubject: won"))
    ),
    *(
        believed(
            30, f"published {when[:30]}", sent(story(modified=when).replace("2026-03-02T08:00:00Z", when))
        )
        for when in (
            "99 Foo 9999",
            "2026-03-02T08:00:00-9999",
            "0001-01-01T00:00:00+14:00",
            "99999-01-01",
            "9" * 5000,
            "9999-12-31T23:59:59-14:00",
            "2026-02-30T25:61:61Z",
            "-1",
            "1e999",
            "٢٠٢٦-٠٣-٠٢",
        )
    ),
)

HIDING: tuple[Case, ...] = tuple(
    believed(35, name, sent(story(f"<p>{text}</p>")), reads=reads)
    for name, text, reads in (
        (
            "letters that turn the text round",
            "The sum is \u202e000,1\u202c or \u2066 more \u2069 at least.",
            "The sum is",
        ),
        (
            "letters of no width",
            "The bri\u200bdge\u2060 is\u200d clo\ufeffsed for a w\u00adeek at least.",
            "for a",
        ),
        (
            "letters of tags",
            "The bridge\U000e0041\U000e0042 is closed for a week at least.",
            "is closed for a week",
        ),
        (
            "letters of another script",
            "The brіdgе is сlosed for a week at least, it was said.",
            "at least, it was said",
        ),
        ("1,000 marks on one letter", f"The bridge a{chr(0x301) * 1000} is closed.", "is closed."),
        ("100,000 marks on one letter", f"The bridge a{chr(0x301) * 100_000} is closed.", "is closed."),
        (
            "letters that are drawn as 18",
            "The bridge ﷽ ﷺ is closed for a week at least.",
            "is closed for a week",
        ),
    )
)


def _turned(number: int) -> Look:
    """The same sentence, now with and now without letters that nobody sees."""
    hidden = "\u202e\u202c\u2066\u2069" if number % 2 else ""
    answer = http(200, story(f"<p>The sum was {hidden}put at 1,000 crowns by the council, and paid.</p>"))
    return Look(answer=answer, outcomes=("same", "changed", "withheld suspect"))


CHANGING = (
    Case(
        row=35,
        name="letters that nobody sees come and go",
        turns=lambda n: _turned(n + 1),
        opening=(Look(answer=_turned(0).answer, outcomes=("first",)),),
    ),
)

CASES: tuple[Case, ...] = (*CHARSETS, *NO_LETTERS, *HIDING, *CHANGING)
