"""What a reader sees of Markdown or bare tags: the words, and where its links lead.

Only what is certain to be markup goes; a lone asterisk or bracket stays in the text. Plain text
comes back as it is.
"""

from __future__ import annotations

import re

from monitor.events import dates

_MARKED = re.compile(r"[\[\]<>*_`#\\|{&~]|^\s*(?:[-+]|\d+[.)])\s")
_IMAGE = re.compile(
    r"!\[([^\[\]]{0,500})\]\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?[^()]{0,300}\)"
)
_LINK = re.compile(
    r"\[([^\[\]]{0,1000})\]\(\s?(<[^<>]{0,1000}>|\{\{[^{}]{0,300}\}\}|[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?)"
    r"(?:\s+[^()]{0,500})?\)"
)
_BY_NAME = re.compile(r"\[([^\[\]]{1,500})\]\[([^\[\]]{0,200})\]")
_DEFINED = re.compile(r"^\s*\[([^\[\]]{1,200})\]:\s*(\S{1,2000})\s*$")
_BARE = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,2000})>")
_SHORTCODE = re.compile(r"\{\{[^{}]{0,1000}\}\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--[^<>]{0,2000}-->")
_TARGET = re.compile(r"""href\s*=\s*["']?([^"'\s<>]{1,2000})""")
_ENTITY = re.compile(r"&(?:#(\d{1,6})|(amp|lt|gt|quot|nbsp|apos));")
_HEAD = re.compile(r"^\s*(?:#{1,6}\s+|>+\s*|[-*+]\s+|\|\s*)+")
_EMPHASIS = re.compile(
    r"\*{1,3}|(?<![^\W_])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![^\W_])|`{1,3}|~~|(?<=\s)\|(?=\s|$)|\s#{1,6}\s*$"
)
_GLUED = re.compile(
    r"(?<=[^\W_])\*{2,4}(?=[^\W_])|(?<=[.!?])\*{2,4}(?=[^\W_])"
)  # a heading run into the text
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~\"'])")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " ", "apos": "'"}


def unmarked(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without markup, and the targets of its links in their order."""
    if not _MARKED.search(text):
        return text, ()
    targets: list[str] = []

    def keep_words(link: re.Match[str]) -> str:
        if link[2].strip():
            targets.append(link[2])
        return link[1]

    def keep_target(tag: re.Match[str]) -> str:
        targets.extend(_TARGET.findall(tag[0]))
        return " " if tag[0][1:3] in ("br", "li", "td", "tr") else ""

    if defined := _DEFINED.match(text):
        return defined[1], (defined[2],)
    text = _ENTITY.sub(_character, text)
    text = _IMAGE.sub(r"\1", text)
    for _ in range(2):  # an image or a bracket inside a link's words
        text = _LINK.sub(keep_words, text)
    text = _BY_NAME.sub(r"\1", text)
    text = _BARE.sub(r"\1", text)
    text = _TAG.sub(keep_target, text)
    text = _SHORTCODE.sub(" ", text)
    text = _HEAD.sub("", text)
    text = _GLUED.sub(" · ", text)
    text = _EMPHASIS.sub("", text)
    text = _ESCAPED.sub(r"\1", text)
    return text, tuple(targets)


_NUMBERED = re.compile(
    r"\s*(\((?:\d{1,3}|[a-z]|[ivx]{1,5})\)|(?:\d{1,3}(?:\.\d{1,3}){0,4}|[a-z]|[ivx]{1,5})[.)]|\d{1,3}(?:\.\d{1,3}){1,4})"
    r"\s+(?=\S)"
)
_FIRST_WORD = re.compile(r"\W*(\w*)")


def without_numbering(old: str, new: str) -> tuple[str, str]:
    """Both texts without the number or letter that counts them in a list, where it came or went or gave
    way to another sort of it; two numbers stay."""
    ours, theirs = _NUMBERED.match(old[:40]), _NUMBERED.match(new[:40])
    if (ours is None and theirs is None) or (ours and theirs and _digits(ours[1]) and _digits(theirs[1])):
        return old, new
    rest_old, rest_new = old[ours.end() if ours else 0 :], new[theirs.end() if theirs else 0 :]
    first, other = _FIRST_WORD.match(rest_old[:80]), _FIRST_WORD.match(rest_new[:80])
    same = first is not None and other is not None and first[1].lower() == other[1].lower() != ""
    dated = first is not None and first[1].lower() in dates.WORDS  # 7. Mai
    return (rest_old, rest_new) if same and not dated else (old, new)


def _digits(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _character(entity: re.Match[str]) -> str:
    if entity[2]:
        return _NAMED[entity[2]]
    code = int(entity[1])
    return chr(code) if 31 < code < 0x110000 and not 0xD800 <= code <= 0xDFFF else " "
