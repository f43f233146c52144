"""Is a notice a request for information? SAM.gov has no such type: the words tell.

Belongs here: the words that make a notice one, and those that only look like it. Does not belong here: what the
request asks for (nlp).

Bidders' questions are called RFIs too ("RFI responses attached", "RFIs are due 5 days before bid opening"), and the
Navy writes RFI for "ready for issue", so the letters alone are no sign. A title that is a request, or a sentence
that says that this notice is one, is.
"""

from __future__ import annotations

import re
from typing import Final

# Types that ask before there is a solicitation. A solicitation or an award is one only if it says so outright.
_ASKING: Final = frozenset({"sources_sought", "special_notice", "presolicitation", "other", "intent_to_bundle"})
_NEVER: Final = frozenset({"award", "justification", "sale"})

_NAME: Final = r"request\s+for\s+information(?:\s*\(\s*RFI\s*\))?"
_BOTH: Final = rf"(?:{_NAME}|\(?RFI\)?)"
_I: Final = re.IGNORECASE

# "RFI responses", "answers to RFI 12", "pre-bid RFIs": bidders' questions and what came of earlier requests.
_ABOUT: Final = re.compile(
    rf"(?:respon[sd]\w*|resposnes|answers?|reply|replies|follow[- ]?up|updates?|update on|result\w*|previous\w*|"
    rf"prior|earlier|cancel\w*|regarding|clarification\w*|pre-?bid|site visit)\s+(?:\w+\s+){{0,3}}{_BOTH}"
    rf"|{_BOTH}'?s?\s*(?:/|and\s+)?(?:log\b|responses?\s+(?:posted|attached)|answers?|resposnes|questions?\b|"
    rf"due\s+date|submission|process|form\b|q\s*&\s*a|condition)", _I)
_ANY: Final = re.compile(r"[Ff]or\s+[Ii]nformation|FOR\s+INFORMATION|[Rr][Ff][Ii]")
_TITLE: Final = re.compile(rf"{_NAME}|(?<![A-Za-z])RFI(?![A-Za-z])", _I)
_SOLICITATION: Final = re.compile(r"(?:^|[^A-Za-z])RFI(?:P)?(?=$|[^A-Za-z])|\d{2}RFIP?\d|(?<=[a-z0-9])RFI$|^RFI(?=\d)")

# A sentence that says what this very notice is. Determiner and verb make it so.
_THIS: Final = r"(?:this|the\s+(?:present|following|attached))"
_SELF: Final = re.compile(
    rf"\b{_THIS}\s+(?:\w+[\s/,&-]+){{0,6}}?(?:is|constitutes|serves\s+as|represents|are)\s+"
    rf"(?:(?:issued|published|posted|being\s+issued|released|for|only|an?|the|both|strictly|solely|as|combined|"
    rf"sources?|sought|notice|synopsis|market|research|and|or|survey|pre-?solicitation|informal|formal|general)"
    rf"(?:\s*\([A-Z]{{2,4}}\))?[\s/,*\"“-]+){{0,9}}?{_NAME}|\bbut\s+rather\s+an?\s+{_NAME}", _I)
_THIS_RFI: Final = re.compile(
    rf"\b(?:the\s+purpose\s+of|responses?\s+to|respond(?:ing)?\s+to|replies\s+to|reply\s+to|through|with|under|in|by)?"
    rf"\s*(?:this|see\s+(?:the\s+)?attached)\s+(?:(?:sources\s+sought|combined|market\s+research|notice|synopsis)[\s/-]+(?:and\s+)?){{0,3}}{_BOTH}"
    rf"(?!\s+(?:process|condition|questions?|responses?\s+and|log|answers?)\b)", _I)
_ISSUES: Final = re.compile(
    rf"\b(?:issu(?:es|ing|ed)|releas(?:es|ing|ed)|publish(?:es|ing|ed)|post(?:s|ing)|seek(?:s|ing)|conducting|"
    rf"submits?)\s+(?:(?:this|an?|the|following|sources?|sought|notice|combined|and)[\s/-]+){{0,5}}{_NAME}"
    rf"(?!\s*(?:\(\s*RFI\s*\)\s*)?s\b)", _I)
_HEADING: Final = re.compile(
    rf"(?:\A|[\n*=_.:|]|\b(?:sought|only|action|type|purpose)\b)[\s*=_:./-]*{_NAME}(?=\s*(?:\(|only|number|no\.|/|-|–|:|"
    rf"for\b|\bthe purpose|\*|#|\n))(?!\s*(?:\(RFI\))?:?\s*\w+\s+(?:sent|issued|published|released)\b)", _I)
_NOT_NOW: Final = re.compile(r"\bplans?\s+to\s+issue|\bwill\s+(?:be\s+)?issue|\bmay\s+issue|\bsent\s+out|"
                             r"previously\s+posted|in\s+response\s+to|\bdoes\s+not\s+constitute|\bnot\s+a\b|\bnor\b",
                             _I)
_LOOK_BACK: Final = 60


def request_words(kind: str, title: str | None, solicitation: str | None, text: str | None) -> str | None:
    """The words that make the notice a request for information, None when it is none.

    ``kind`` is our name of the type (crawlers.sam.columns). Awards, justifications and sales never are.
    """
    if kind in _NEVER:
        return None
    title, text = title or "", text or ""
    asking = kind in _ASKING
    if not _ANY.search(f"{title}\n{solicitation}\n{text}"):
        return None
    found = _first(_TITLE, title)
    if found and (asking or _first(_SELF, text) or found.lower().startswith("request")):
        return found
    for pattern in (_SELF, _THIS_RFI, _ISSUES, _HEADING) if asking else (_SELF, _THIS_RFI):
        found = _first(pattern, text)
        if found and (asking or _whole_name(text)):
            return " ".join(found.split())[:200]
    if asking and solicitation and (match := _SOLICITATION.search(solicitation)):
        return solicitation if match else None
    return None


def _whole_name(text: str) -> bool:
    """A solicitation's 'this RFI' counts only where the letters are spelled out as a request of the agency."""
    return re.search(rf"(?:type\s+of\s+action|this)\b[^.]{{0,60}}{_NAME}", text, _I) is not None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    """The first match that is not about bidders' questions, an earlier or a later request."""
    for found in pattern.finditer(text):
        around = text[max(0, found.start() - 25) : found.end() + 25]
        before = text[max(0, found.start() - _LOOK_BACK) : found.end()]
        about = _ABOUT.search(around)
        if about and pattern not in (_THIS_RFI, _SELF):
            continue
        if pattern not in (_THIS_RFI, _TITLE, _SELF) and _NOT_NOW.search(before):
            continue
        return found[0].strip(" *=_:./-\n\t|")
    return None
