"""Currencies, shares and measures: one name for all the ways to write each, in the languages we know."""

from __future__ import annotations

SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
}
SIGNS |= {"₴": "UAH", "₦": "NGN", "฿": "THB", "₫": "VND", "₿": "BTC"}
DOLLARS = {
    "us": "USD",
    "u.s": "USD",
    "u.s.": "USD",
    "a": "AUD",
    "au": "AUD",
    "c": "CAD",
    "ca": "CAD",
    "hk": "HKD",
}
DOLLARS |= {"nz": "NZD", "s": "SGD", "r": "BRL", "nt": "TWD", "mx": "MXN"}
CURRENCY_CODES = {
    word: word.upper()
    for word in "usd eur gbp jpy inr rub krw chf aud cad hkd nzd cny brl sek nok dkk pln try".split()
}
CURRENCIES = CURRENCY_CODES | {
    "dollar": "USD", "dollars": "USD", "dólar": "USD", "dólares": "USD", "dollari": "USD",
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "pfund": "GBP", "livres": "GBP",
    "libras": "GBP",
    "yen": "JPY", "yuan": "CNY", "rupee": "INR", "rupees": "INR", "ruble": "RUB", "rubles": "RUB", "rouble": "RUB",
    "roubles": "RUB", "rubel": "RUB", "franken": "CHF", "francs": "CHF", "peso": "peso", "pesos": "peso",
    "krona": "crown", "kronor": "crown", "kroner": "crown", "kronen": "crown", "reais": "BRL", "lira": "TRY",
    "won": "KRW", "rand": "ZAR", "zloty": "PLN", "shekels": "ILS", "cent": "cent", "cents": "cent",
    "pence": "penny",
}  # fmt: skip
AMOUNT_ONLY = frozenset(
    ("won", "rand", "real", "try", "cent")
)  # also other words, so only right behind a figure
PERCENTS = frozenset(("%", "percent", "pct", "prozent", "procent", "percentage", "pc", "٪"))
PERCENT_PAIRS = frozenset(
    (("per", "cent"), ("pour", "cent"), ("por", "ciento"), ("por", "cento"), ("per", "cento"))
)
POINTS = frozenset(("point", "points", "prozentpunkt", "prozentpunkte"))
UNITS = {
    name: unit
    for unit, names in {
        "km": "km kilometre kilometres kilometer kilometers kms kilomètre kilomètres kilómetro kilómetros "
        "chilometro chilometri quilómetro quilómetros quilômetro quilômetros",
        "m": "metre metres meter meters mètre mètres metro metros metri",
        "cm": "cm centimetre centimetres centimeter centimeters zentimeter",
        "mm": "mm millimetre millimetres millimeter millimeters",
        "mile": "mile miles mi meile meilen milla millas", "foot": "foot feet ft", "inch": "inch inches",
        "yard": "yard yards yds", "acre": "acre acres", "ha": "ha hectare hectares hektar hectáreas ettari",
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm", "g": "g gram grams "
        "grammes gramm",
        "lb": "lb lbs", "ounce": "ounce ounces oz", "tonne": "tonne tonnes t ton tons tonnen toneladas tonnellate",
        "litre": "litre litres liter liters l litros litri", "gallon": "gallon gallons",
        "barrel": "barrel barrels bpd",
        "mph": "mph", "km/h": "kmh kph kmph", "knot": "knot knots", "watt": "watt watts w", "kw": "kw "
        "kilowatt kilowatts",
        "mw": "mw megawatt megawatts", "gw": "gw gigawatt gigawatts", "kb": "kb kilobyte kilobytes",
        "mb": "mb megabyte megabytes", "gb": "gb gigabyte gigabytes", "tb": "tb terabyte terabytes",
        "ms": "ms millisecond milliseconds", "s": "second seconds sec secs sekunde sekunden secondes "
        "segundos secondi",
        "minute": "minute minutes min mins minuten minuto minutos minuti", "h": "hour hours hr hrs h "
        "stunde stunden heure heures hora horas ore uur uren", "day": "day days tag tage tagen jour jours "
        "día días dia dias giorno giorni dag dagen", "week": "week weeks woche wochen semaine semaines "
        "semana semanas settimana settimane weken",
        "month": "month months monat monate monaten mois mes meses mese mesi maand maanden",
        "year": "year years yr yrs jahr jahre jahren an ans année années año años anno anni ano anos jaar",
        "decade": "decade decades", "century": "century centuries",
    }.items()
    for name in names.split()
}  # fmt: skip
OTHER_WORDS = frozenset("an ore s a mi t l g h w ha min mes ms sec ans ano foot".split())
ATTACHED = {
    "k": 3,
    "m": 6,
    "mn": 6,
    "mln": 6,
    "mio": 6,
    "b": 9,
    "bn": 9,
    "mrd": 9,
    "tn": 12,
    "trn": 12,
    "t": 12,
}
