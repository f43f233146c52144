"""The packet's page: who, the sum of the score, every passage with its words marked, every capture with its hashes.

Belongs here: HTML without script, style inlined under a strict content security policy, every text escaped. Does not
belong here: any fact (gather), files (wacz).

Crawled words are hostile: markup is escaped, control and direction characters are made visible, each text is isolated
(<bdi>), and only http and https addresses become links.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from warehouse.packet.gather import Contents, Kept
from warehouse.packet.warcs import EVIDENCE, Copied
from warehouse.present import tame
from warehouse.showing import SENTENCE

_CATEGORIES: Final = {"data_broker": "Data Broker", "extreme_vetting": "Extreme Vetting", "detention": "Detention"}
_AROUND: Final = 240
_WHOLE: Final = 1500
_BAR: Final = 160
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0 auto;max-width:60rem;padding:1rem}
h1,h2,h3{line-height:1.2}h2{margin-top:2.5rem;border-bottom:2px solid #ccc}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid #ddd}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
blockquote{margin:.5rem 0;padding:.6rem 1rem;background:#f5f5f2;border-left:4px solid #555;overflow-wrap:anywhere;
white-space:pre-wrap}
mark{background:#ffe08a;color:#000;font-weight:600}code,.h{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:#555}dd{margin:0;
overflow-wrap:anywhere}svg{display:block}.up{fill:#2a6f4e}.down{fill:#a33}
@media print{body{max-width:none}a{color:inherit}blockquote{break-inside:avoid}}
"""


def page(contents: Contents, copied: dict[str, Copied]) -> str:
    """The whole page."""
    row = contents.candidate
    title = f"{row['company'] or row['company_id']}: {_CATEGORIES.get(row['category'], row['category'])}"
    sha = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    body = "".join([
        f"<h1>{_text(title)}</h1>", _lead(contents), _facts(contents), _waterfall(contents),
        "<h2>Statements and the words behind them</h2>", *_statements(contents), _captures(contents, copied),
        _checking(contents),
    ])  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'sha256-{sha}\'; '
        'base-uri \'none\'; form-action \'none\'">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(tame(title))}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _text(text: object) -> str:
    """Any text as HTML."""
    return f"<bdi>{escape(tame(str(text)))}</bdi>"


def _dollars(amount: Decimal | None) -> str:
    return "" if amount is None else f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _stated(one: dict[str, Any]) -> str | None:
    """An amount as a text states it."""
    return f"{_dollars(one['amount'])} ({one['amount_kind'] or 'of what is not said'})" if one["amount"] else None


def _link(uri: str) -> str:
    shown = _text(uri)
    try:
        parts = urlsplit(uri)
        linked = parts.scheme in ("http", "https") and bool(parts.hostname) and uri.isprintable()
    except ValueError:
        linked = False
    return f'<a href="{escape(uri)}" rel="noreferrer noopener">{shown}</a>' if linked else shown


def _lead(contents: Contents) -> str:
    return (f"<p>Evidence packet for candidate <code>{escape(contents.id)}</code> of version "
            f"<code>{escape(contents.version)}</code>, as of {_text(contents.meta['as_of'])}. A candidate is a lead "
            "for a person to examine, not a finding: the score orders a queue and decides nothing.</p>")


def _facts(contents: Contents) -> str:
    row = contents.candidate
    amount = _dollars(row["obligated"]) or "not filed"
    told = [
        ("Company id", row["company_id"]), ("Also named", "; ".join(contents.names)),
        ("Parents as filed", "; ".join(contents.parents)), ("Reading", f"{row['certainty']}, {row['relation']}"),
        ("Kinds", row["kinds"]), ("Products", row["products"]), ("Facilities", row["facilities"]), ("Via", row["via"]),
        ("Agencies", row["agencies"]), ("Records", f"{row['records']} records, {row['statements']} statements"),
        ("Obligated", amount), ("Actions", f"{row['first_action']} to {row['last_action']}"),
    ]
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in told if value) + "</dl>"


def _waterfall(contents: Contents) -> str:
    row, bars = contents.candidate, contents.waterfall
    largest = max((abs(float(bar["bits"])) for bar in bars), default=0.0) or 1.0
    lines = []
    for bar in bars:
        width = round(abs(float(bar["bits"])) / largest * _BAR, 1)
        kind = "up" if bar["bits"] > 0 else "down"
        because = _text(bar["label"] or "") + (f": \u201c{_text(bar['words'])}\u201d" if bar["words"] else "")
        said = f' <a href="#{escape(bar["statement_id"])}">statement</a>' if bar["statement_id"] else ""
        lines.append(f'<tr><td>{_text(bar["bar"])}</td><td class="n">{bar["bits"]:+}</td><td><svg width="{_BAR}" '
                     f'height="12" role="img" aria-label="{bar["bits"]:+} bits"><rect class="{kind}" width="{width}" '
                     f'height="12"/></svg></td><td>{because}{said}</td></tr>')
    lines.append(f'<tr><th>score</th><td class="n"><b>{row["score"]:+}</b></td><td></td>'
                 f'<td>{_text(row["band"])}</td></tr>')
    return ("<h2>How the score adds up</h2><table><thead><tr><th>bar</th><th>bits (log2 odds)</th><th></th>"
            f"<th>because</th></tr></thead><tbody>{''.join(lines)}</tbody></table>")


def _statements(contents: Contents) -> Iterator[str]:
    for one in contents.statements:
        amount = _dollars(one["obligated"])
        told = [
            ("Record", f"{one['record_kind']} {one['record_key']}"), ("Title", one["title"]),
            ("Publisher", " ".join(filter(None, (one["publisher"], one["reliability"] and f"({one['reliability']})")))),
            ("Vendor", f"{one['vendor']} ({one['vendor_role']})"),
            ("Reading", f"{one['kind']}, {one['relation']}, {one['certainty']}, {one['score']:.3f}"),
            ("Product", one["product"]), ("Facility", one["facility"]), ("Agency", one["agency"]),
            ("Obligated", amount), ("Amount stated", _stated(one)), ("Since or when, as stated", one["date_said"]),
            ("Published", one["stated_on"]),
            ("Actions", None if one["stated_on"] else f"{one['first_action']} to {one['last_action']}"),
            ("By itself", None if one["alone"] else "supports a candidate, makes none"),
            ("Makes no candidate", one["excluded"]),
        ]
        rows = "".join(f"<dt>{name}</dt><dd>{_text(value)}</dd>" for name, value in told if value)
        key = escape(one["statement_id"])
        yield f'<section id="{key}"><h3>Statement <code>{key}</code></h3><dl>{rows}</dl>'
        yield from _passages([p for p in contents.passages if p["statement_id"] == one["statement_id"]])
        yield "</section>"


def _passages(passages: list[dict[str, Any]]) -> Iterator[str]:
    """One quotation a cell or sentence, all its words marked."""
    cells: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for passage in passages:
        key = (passage["capture_id"], passage["locator"], passage["column"], passage["text"])
        cells.setdefault(key, []).append(passage)
    for (capture_id, locator, column, _), some in cells.items():
        capture = some[0]["capture"]
        rules = ", ".join(dict.fromkeys(f"{p['rule']} ({p['bits']:+.2f} bits)" for p in some if p["rule"] != SENTENCE))
        yield (f"<blockquote>{_quoted(some[0]['text'], _marks(some))}</blockquote>"
               f"<dl><dt>Where</dt><dd>{_text(column)} at {_text(locator)}</dd><dt>Why</dt><dd>{_text(rules)}</dd>"
               f'<dt>Capture</dt><dd><a href="#{escape(capture_id)}"><code>{escape(capture_id)}</code></a></dd>'
               f"<dt>Address</dt><dd>{_link(capture['uri'])}</dd>"
               f"<dt>Fetched</dt><dd>{capture['fetched_at']:%Y-%m-%d %H:%M:%S} UTC</dd>"
               f"<dt>Payload SHA-256</dt><dd class=\"h\">{escape(capture['payload_sha256'])}</dd>"
               f"<dt>WARC</dt><dd>{_text(capture['warc_file'])} at byte {capture['warc_offset']:,}</dd></dl>")


def _marks(passages: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    """Places of the words that decided it; a sentence that is quoted whole is marked only where nothing else is."""
    deciding = [p for p in passages if p["rule"] != SENTENCE] or passages
    return sorted({tuple(p["highlight"]) for p in deciding})


def _quoted(text: str, marks: list[tuple[int, ...]]) -> str:
    """The text with marked words: whole when short, else what stands around them."""
    merged: list[list[int]] = []
    for start, end in ((mark[0], mark[1]) for mark in marks):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    out: list[str] = []
    at = 0
    for start, end in merged:
        out.append(_between(text, at, start, first=at == 0 and not out, last=False))
        out.append(f"<mark>{escape(tame(text[start:end]))}</mark>")
        at = end
    out.append(_between(text, at, len(text), first=False, last=True))
    return f"<bdi>{''.join(out)}</bdi>"


def _between(text: str, start: int, end: int, *, first: bool, last: bool) -> str:
    part = text[start:end]
    if len(text) > _WHOLE:
        if first and len(part) > _AROUND:
            part = "\u2026" + part[-_AROUND:]
        elif last and len(part) > _AROUND:
            part = part[:_AROUND] + "\u2026"
        elif len(part) > 2 * _AROUND:
            part = part[:_AROUND] + " \u2026 " + part[-_AROUND:]
    return escape(tame(part))


def _captures(contents: Contents, copied: dict[str, Copied]) -> str:
    return "<h2>Captures in this packet</h2>" + "".join(_capture(kept, copied) for kept in contents.kept)


def _capture(kept: Kept, copied: dict[str, Copied]) -> str:
    one, there = kept.capture, copied[kept.capture.capture_id]
    told = [
        ("Address", f"{escape(one.method)} {_link(one.uri)}"), ("Status", _text(one.status if one.status else "")),
        ("Media type", _text(one.media_type or "")), ("Fetched", f"{one.fetched_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Source", _text(f"{one.source}, run {one.run_id}")), ("Holds", _text(" and ".join(kept.roles))),
        ("Payload SHA-256", f'<span class="h">{escape(one.payload_sha256)}</span>, {one.payload_bytes:,} bytes'),
        ("In the archive", f"{_text(one.warc_file)} at byte {one.warc_offset:,}, {one.warc_length:,} bytes"),
        ("In this packet", f"archive/{EVIDENCE} at byte {there.offset:,}, {there.length:,} bytes"),
    ]  # fmt: skip
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in told if value != "<bdi></bdi>")
    key = escape(one.capture_id)
    return f'<section id="{key}"><h3><code>{key}</code></h3><dl>{rows}</dl></section>'


def _checking(contents: Contents) -> str:
    rows = "".join(f'<dt>{escape(name)}</dt><dd class="h">{_text(value)}</dd>' for name, value in contents.meta.items())
    return ("<h2>How to check it</h2><p>This file is a WACZ: a zip whose datapackage.json lists every member with its "
            f"SHA-256, and datapackage-digest.json that of the list. The records in archive/{EVIDENCE} were copied "
            "unchanged, compressed bytes included. <code>section3c evidence check FILE</code> recomputes all of it and "
            "reads every quoted word back out of the records; any WARC program can by the offsets above.</p>"
            f"<dl>{rows}</dl>")
