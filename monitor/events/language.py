"""Which of the languages we know some words of a passage is written in, told by its smallest words.

A guess for reading figures, hedges and names, no claim about the text: a passage without any of
these words is taken for English, in which most of the words that we look for are written.
"""

from __future__ import annotations

from collections.abc import Iterable

_SMALL = {
    "en": "the of and to in is was were that for with on by at from his her their has have had said will "
    "not are be as it its they he she who which this an a after before but or been would than when into "
    "over about you we our i die war hat son per den",
    "de": "der die das und nicht ist den dem des ein eine einen einer mit von auf für im zu sich wurde "
    "wurden sind auch nach bei aus am hat haben sie er es dass war waren wird als an um über werden zum "
    "zur vor",
    "fr": "le la les des et est dans un une du pour qui que sur par pas au aux avec ont été sont plus ce cette "
    "il elle ne se en selon à leur ses son sa d l qu n",
    "es": "el la los las y es en un una del que por con se para no al su sus ha han fue más como lo una "
    "entre pero según este esta dijo sobre hay desde son",
    "it": "il la gli le e è di un una del della dei che per con non al sono da nel nella più si ha hanno "
    "dal alla lo secondo anche ai delle come stato stati l",
    "pt": "o os as e é em um uma do da dos das que por com não ao para se foi mais na no nas nos segundo "
    "são como pelo pela seu sua disse foram ou",
    "nl": "de het een en van in is niet dat op te zijn voor met die aan er om was hij zij ook bij naar "
    "door werd werden uit over wordt hebben heeft",
}
_SPOKEN_BY: dict[str, tuple[str, ...]] = {}
for _language, _words in _SMALL.items():
    for _word in set(_words.split()):
        _SPOKEN_BY[_word] = (*_SPOKEN_BY.get(_word, ()), _language)

SMALL_WORDS = frozenset(_SPOKEN_BY) | frozenset(
    "if so no nor yet up out off down then there here also just only very some any all more most other "
    "such what where while during through under between among against per via because although though how "
    "why can could may might shall should must do does did being am him them us me my your these those s "
    "t ll re ve d m not never now still too already even again once same own both each every however".split()
)


def language_of(words: Iterable[str]) -> str:
    """The two letters of the language most of whose small words stand there; English where none does."""
    votes = dict.fromkeys(_SMALL, 0)
    for word in words:
        if word in _SPOKEN_BY:
            for language in _SPOKEN_BY[word]:
                votes[language] += 1
    best = max(votes, key=lambda language: votes[language])  # the first of equals, which is English
    return best if votes[best] > votes["en"] else "en"  # a tie is English: its words are many others' too
