"""Finds amounts of money with what they are, and dates as exact as the text.

Belongs here: reading numbers and the words around them. Does not belong here: whose amount it is (``relations``).
"""

from __future__ import annotations

import re
from typing import Final

from nlp.prose.mentions import Mention

_SCALE: Final = {
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "m": 1e6,
    "mm": 1e6,
    "mn": 1e6,
    "billion": 1e9,
    "b": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
}
_WORDS: Final = {
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "half a": 0.5,
    "a": 1.0,
}
_MONEY: Final = re.compile(
    r"(?:US|USD\s?)?\$\s?(?P<number>\d[\d,]*(?:\.\d+)?)(?:\s?-?\s?(?P<scale>(?i:thousand|million|billion|trillion|mm|mn|bn|[kmb]))\b)?"
    r"|(?P<number2>\d[\d,]*(?:\.\d+)?)\s?(?P<scale2>thousand|million|billion)\s(?:U\.?S\.? )?dollars"
    r"|\b(?P<word>one|two|three|four|five|six|seven|eight|nine|ten|half a|a)\s(?P<scale3>million|billion)\sdollars"
)
_NEAR: Final = 70
_KINDS: Final = (  # first that stands near wins; (kind, before the amount, after the amount)
    ("per_month", r"monthly", r"(?:a|per|each|every)[ -]month|monthly"),
    ("per_day", r"per diem|daily rate", r"(?:a|per|each)[ -](?:day|bed|detainee|inmate|night)|daily"),
    ("per_year", r"annual(?:ly)?|yearly", r"(?:a|per|each|every)[ -]year|annual|yearly|per annum"),
    (
        "acquisition_price",
        r"acqui(?:re|red|sition|ring)|takeover|bought (?:by|the (?:company|firm))|merger|purchase price",
        r"acquisition|takeover|merger|buyout|cash-and-stock",
    ),
    (
        "funding",
        r"raised|funding round|valu(?:ed|ation)|invest(?:ed|ment)|seed",
        r"(?:in )?(?:funding|venture|valuation|series|round)",
    ),
    (
        "revenue",
        r"revenue|sales|earn(?:ed|ings)|profit|income|net(?:ted)? (?:loss|income)|market cap",
        r"(?:in |of )?(?:revenue|sales|profit|earnings)",
    ),
    (
        "donation",
        r"donat\w+|contribut\w+|lobby\w*|campaign|super pac",
        r"(?:to|in) (?:donat|contribut|lobby|campaign)|donation|contribution",
    ),
    (
        "penalty",
        r"fine[ds]?|penalt\w+|settle\w*|jury|verdict|damages|owe[ds]?",
        r"(?:fine|penalty|settlement|verdict|judgment)",
    ),
    (
        "ceiling",
        r"up to|ceiling|potential(?:ly)?|maximum|as much as|could (?:be worth|reach|total)|not to exceed|capped at|"
        r"worth as much",
        r"ceiling|maximum|cap\b",
    ),
    ("obligated", r"obligat\w+|de-?obligat\w+", r"obligat\w+|has been obligated"),
    ("grant", r"grants?", r"grants?\b|in grants"),
    ("budget", r"budget\w*|appropriat\w+|congress (?:gave|approved)", r"budget|appropriation"),
)
_CONTRACT: Final = re.compile(
    r"(?i)contract|deal|award|agreement|task order|purchase|order|paid|pay|worth|spen[dt]|bought|modification|renew"
)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|"
    r"July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATES: Final = (
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b"),
    re.compile(r"\b(?P<number>\d{1,2})/(?P<day>\d{1,2})/(?P<year>(?:19|20)\d\d)\b"),
    re.compile(rf"\b{_MONTH}\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b"),
    re.compile(
        r"\b(?:[Ii]n|[Ss]ince|[Ff]rom|[Ff]or|[Ff]iscal [Yy]ear|FY|FY ?20|[Dd]uring|[Bb]y|"
        r"[Uu]ntil|[Ee]arly|[Ll]ate|of|year)\s+(?P<year>(?:19|20)\d\d)\b"
    ),
)


def find_amounts(text: str) -> list[Mention]:
    """Amounts in US dollars; ``note`` is what the amount is: contract, ceiling, per_month, revenue, ... or ''."""
    found: list[Mention] = []
    for match in _MONEY.finditer(text):
        number, scale = match["number"] or match["number2"], match["scale"] or match["scale2"] or match["scale3"]
        value = float(number.replace(",", "").rstrip(".")) if number else _WORDS[match["word"].lower()]
        value *= _SCALE[scale.lower()] if scale else 1.0
        found.append(
            Mention(
                "amount",
                match.start(),
                match.end(),
                match.group(),
                value=round(value, 2),
                note=_amount_kind(text, match.start(), match.end()),
                rule="amount",
            )
        )
    return found


def _amount_kind(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - _NEAR) : start].lower(), text[end : end + 30].lower()
    before = re.split(r"[.;]\s|\$[\d,.]+ (?:million|billion)?", before)[-1]
    for kind, leading, following in _KINDS:
        if re.match(rf"[\s,(-]*(?:{following})", after) or re.search(rf"\b(?:{leading})\b[^$]{{0,45}}$", before):
            return kind
    near = before[-45:] + " " + text[end : end + 60]
    return "contract" if _CONTRACT.search(near) else ""


def find_dates(text: str) -> list[Mention]:
    """Dates in ISO 8601, as exact as the text: 2018, 2018-01 or 2018-01-08."""
    found: list[Mention] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < m.end and m.start < match.end() for m in found):
                continue
            value = _iso(match.groupdict())
            if value:
                start = match.start("year") if value == match["year"] else match.start()
                found.append(Mention("date", start, match.end(), text[start : match.end()], note=value, rule="date"))
    return sorted(found, key=lambda m: m.start)


def _iso(parts: dict[str, str | None]) -> str:
    year, month, day = parts["year"] or "", parts.get("month"), parts.get("day")
    number = _MONTHS[month.lower().rstrip(".")] if month else int(parts.get("number") or 0)
    if not number:
        return year
    if not 1 <= number <= 12 or (day and not 1 <= int(day) <= 31):
        return ""
    return f"{year}-{number:02d}" + (f"-{int(day):02d}" if day else "")
