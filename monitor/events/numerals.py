"""Number words of the languages we know, as the numbers that they are."""

from __future__ import annotations

from functools import lru_cache

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
_COUNTED = {
    "en": _EN,
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn "
    "sechzehn siebzehn achtzehn neunzehn zwanzig",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici diciassette diciotto diciannove venti",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezesseis dezessete dezoito dezenove vinte",
    "nl": "nul één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
    "zestien zeventien achttien negentien twintig",
}
_TENS = {
    "en": "thirty forty fifty sixty seventy eighty ninety",
    "de": "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "trente quarante cinquante soixante",
    "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "it": "trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "nl": "dertig veertig vijftig zestig zeventig tachtig negentig",
}
_MORE = {
    "en": {},
    "de": {"zwo": 2, "zweier": 2, "hundert": 100, "tausend": 1000},
    "fr": {"cent": 100, "mille": 1000},
    "es": {"cien": 100, "ciento": 100, "mil": 1000, "doscientos": 200, "trescientos": 300},
    "it": {"cento": 100, "mille": 1000, "mila": 1000},
    "pt": {"duas": 2, "cem": 100, "cento": 100, "mil": 1000, "quatorze": 14},
    "nl": {"honderd": 100, "duizend": 1000},
}
SCALES = {
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "lakh": 5, "lakhs": 5, "crore": 7,
    "crores": 7,
    "mio": 6, "millionen": 6, "milliarde": 9, "milliarden": 9, "mrd": 9, "tausend": 3, "bn": 9, "mn": 6, "tn": 12,
    "millions": 6, "milliard": 9, "milliards": 9, "mille": 3, "millón": 6, "millones": 6, "mil": 3,
    "milione": 6, "milioni": 6, "miliardo": 9, "miliardi": 9, "mila": 3, "milhão": 6, "milhões": 6,
    "bilhão": 9, "bilhões": 9,
    "miljoen": 6, "miljard": 9, "duizend": 3, "billions": 9,
}  # fmt: skip
VAGUE = {
    "dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9, "tens": 10,
    "dutzende": 12, "hunderte": 100, "tausende": 1000, "dizaines": 10, "centaines": 100, "milliers": 1000,
    "docenas": 12,
    "decenas": 10, "cientos": 100, "miles": 1000, "decine": 10, "centinaia": 100, "migliaia": 1000, "dezenas": 10,
    "centenas": 100, "milhares": 1000, "tientallen": 10, "honderden": 100, "duizenden": 1000,
}  # fmt: skip
ONLY_WITH_OF = frozenset(("tens", "miles"))  # of people; de personas
FRACTIONS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4,
    "fifth": 5,
    "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
    "drittel": 3, "viertel": 4, "fünftel": 5, "tiers": 3, "quarts": 4, "tercios": 3, "cuartos": 4, "terzi": 3,
    "terços": 3,
}  # fmt: skip
_RANKED = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    "de": "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte",
    "fr": "premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième",
    "es": "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo",
    "it": "primo secondo terzo quarto quinto sesto settimo ottavo nono decimo",
    "pt": "primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo",
    "nl": "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende",
}
ORDINALS = {
    language: {word: value for value, word in enumerate(words.split(), 1)}
    for language, words in _RANKED.items()
}
ORDINALS["de"] |= {
    word + ending: value for word, value in list(ORDINALS["de"].items()) for ending in ("n", "r", "s", "m")
}
ORDINALS["es"].pop("segundo")  # also a second of time
for _own in ("pt", "it"):
    ORDINALS[_own].pop("segundo", None)  # also "according to"
    ORDINALS[_own].pop("secondo", None)
ONES = frozenset("one zero null eins un uno um één".split())
WEAK = {
    "half": 0.5,
    "double": 2.0,
    "doubled": 2.0,
    "twice": 2.0,
    "triple": 3.0,
    "tripled": 3.0,
    "quarter": 0.25,
}
WEAK |= {"thrice": 3.0, "first": 1.0, "second": 2.0, "hälfte": 0.5, "moitié": 0.5, "mitad": 0.5, "metà": 0.5}
WEAK |= dict.fromkeys("erste ersten erster erstes premier primero primo primeiro eerste".split(), 1.0)


_FOREIGN = {  # words that are no English ones, for a headline too short to tell its language by
    word: value
    for language in ("de", "fr", "es", "it", "pt", "nl")
    for value, word in enumerate(_COUNTED[language].split())
    if value > 1 and word not in frozenset("six once due sei sept acht elf dix tien tre".split())
}


@lru_cache(maxsize=8)
def number_words(language: str) -> dict[str, int]:
    """Cardinals of one language."""
    words = {word: value for value, word in enumerate(_COUNTED[language].split())}
    words |= {word: 30 + 10 * at for at, word in enumerate(_TENS[language].split())}
    words |= _MORE[language]
    if language == "en":
        words |= _FOREIGN
    if language == "de":
        words |= _german_compounds(words)
    return words


def _german_compounds(words: dict[str, int]) -> dict[str, int]:
    """einundzwanzig to neunundneunzig."""
    units = {"ein": 1} | {word: value for word, value in words.items() if 1 < value < 10}
    tens = {word: value for word, value in words.items() if 20 <= value < 100}
    return {f"{unit}und{ten}": tens[ten] + units[unit] for unit in units for ten in tens}
