# ruff: noqa: E501 - HTML and prose are easier to read in one piece
"""What stands around an article on a news site: menus, teasers, calls to subscribe, comments, footers.

Belongs here: texts that an extractor must leave out. Does not belong here: articles, layouts.
"""

from __future__ import annotations


def menu() -> str:
    items = "".join(f'<li><a href="/{n}">{n.title()}</a></li>' for n in
                    ("home", "news", "sports", "business", "opinion", "weather", "obituaries", "subscribe", "sign-in"))
    return f'<header><a href="#main" class="skip">Skip to main content</a><nav><ul class="menu">{items}</ul></nav></header>'


def amp_menu() -> str:
    return '<header class="amp-wp-header"><a href="/">The Example Ledger</a></header><amp-ad width=300 height=250></amp-ad>'


def old_menu() -> str:
    return '<A HREF="/">Home</A> | <A HREF="/news">News</A> | <A HREF="/sports">Sports</A> | <A HREF="/ads">Classifieds</A>'


def old_links() -> str:
    return "<BR>".join(f'<A HREF="/{n}">{n}</A>' for n in ("Local", "State", "Nation", "Letters", "Archive", "Guestbook"))


def footer() -> str:
    return ('<footer><ul><li><a href="/about">About us</a></li><li><a href="/terms">Terms of use</a></li><li>'
            '<a href="/privacy">Privacy policy</a></li></ul><p>© 2026 The Example Ledger. All rights reserved.</p></footer>')


def share() -> str:
    return ('<div class="sharedaddy"><h3>Share this:</h3><ul><li><a href="#">Facebook</a></li><li><a href="#">Email</a>'
            "</li><li><a href='#'>Print</a></li></ul></div>")


def sidebar() -> str:
    return ('<aside class="sidebar"><h3>Most read</h3><ol><li><a href="/a">Where to find the best soup in town</a></li>'
            '<li><a href="/b">Road works on Main Street until Friday</a></li></ol><div class="ad">Advertisement</div></aside>')


def more_stories() -> str:
    cards = "".join(f'<div class="card"><a href="/s{n}"><h3>Another headline, number {n}</h3></a><p>A teaser of some words '
                    "about another story altogether.</p></div>" for n in range(4))
    return f'<section class="more-stories"><h2>More stories</h2>{cards}</section>'


def comments(count: int = 3) -> str:
    said = "".join(f'<div class="comment"><b>reader{n}</b><p>I do not agree with a word of this, and neither does my '
                   f"neighbour in house {n}.</p></div>" for n in range(count))
    return f'<div id="comments" class="comments-area"><h3>{count} Comments</h3>{said}</div>'


def cookies() -> str:
    return ('<div id="cookie-consent" class="cookie-banner" role="dialog"><p>We use cookies to improve your experience.</p>'
            "<button>Accept all</button><button>Manage preferences</button></div>")


def government_banner() -> str:
    return ('<section class="usa-banner"><p>An official website of the United States government</p><p>Here’s how you know'
            "</p></section>")
