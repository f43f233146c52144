# ruff: noqa: E501 - HTML and prose are easier to read in one piece
"""Thirty ways in which news sites lay out an article, of our own making after habits seen in the wild.

Belongs here: article in, bytes and Content-Type out. Does not belong here: serving (``news``). The chrome around the
articles (menus, teasers, calls to subscribe) is ``news_chrome``.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.replica import news_chrome as chrome
from tests.replica.news_articles import Article


@dataclass(frozen=True)
class Page:
    """One page as it is sent."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"


Layout = Callable[[Article, str], Page]
LAYOUTS: dict[str, Layout] = {}


def layout(function: Callable[[Article, str], Page | str]) -> Callable[[Article, str], Page | str]:
    """Register under the function's name; a str is sent as UTF-8."""

    def make(article: Article, url: str) -> Page:
        made = function(article, url)
        return made if isinstance(made, Page) else Page(made.encode())

    LAYOUTS[function.__name__] = make
    return function


def e(text: str) -> str:
    return html.escape(text, quote=False)


def blocks(article: Article, p: str = "p", between: Callable[[int], str] = lambda _n: "") -> str:
    """The body with subheads, lists and quotations as HTML has them; ``between`` writes after a paragraph."""
    return "\n".join(_blocks(article, p, between))


def _blocks(article: Article, p: str, between: Callable[[int], str]) -> Iterator[str]:
    listed = False
    for number, text in enumerate(article.paragraphs):
        if text.startswith("- ") != listed:
            listed = not listed
            yield "<ul>" if listed else "</ul>"
        if text.startswith("## "):
            yield f"<h2>{e(text[3:])}</h2>"
        elif text.startswith("- "):
            yield f"<li>{e(text[2:])}</li>"
        elif text.startswith("> "):
            yield f"<blockquote><p>{e(text[2:])}</p></blockquote>"
        else:
            yield f"<{p}>{e(text)}</{p.split(maxsplit=1)[0]}>{between(number)}"
    if listed:
        yield "</ul>"


def ld(article: Article, url: str, **more: object) -> str:
    """A JSON-LD script."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": article.title, "url": url,
            "datePublished": article.date.isoformat(), "author": [{"@type": "Person", "name": article.by}],
            "publisher": {"@type": "NewsMediaOrganization", "name": "The Example Ledger"}, **more}
    if article.updated:
        node["dateModified"] = article.updated.isoformat()
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def head(article: Article, url: str, *more: str) -> str:
    return (f'<head><meta charset="utf-8"><title>{e(article.title)} | The Example Ledger</title>'
            f'<link rel="canonical" href="{url}">{"".join(more)}</head>')


def meta(**names: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{html.escape(value)}">'
                   for name, value in names.items())


@layout
def plain_article(a: Article, url: str) -> str:
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.menu()}<main><article>"
            f"<h1>{e(a.title)}</h1><p class=byline>By {a.by}</p>{blocks(a)}</article></main>{chrome.footer()}</body></html>")


@layout
def wordpress(a: Article, url: str) -> str:
    date = f'<time class="entry-date published" datetime="{a.date.isoformat()}">{a.date:%B %d, %Y}</time>'
    return (f'<!DOCTYPE html><html lang="en-US">{head(a, url, meta(og__type="article", og__title=a.title))}'
            f'<body class="single-post">{chrome.menu()}<div id="content"><article class="post hentry"><header '
            f'class="entry-header"><h1 class="entry-title">{e(a.title)}</h1><div class="entry-meta">{date} by '
            f'<span class="author vcard">{a.by}</span></div></header><div class="entry-content">{blocks(a)}'
            f'{chrome.share()}</div><footer class="entry-footer">Filed under: <a href="/c">Contracts</a></footer>'
            f'</article>{chrome.comments()}</div>{chrome.sidebar()}{chrome.footer()}</body></html>')


@layout
def ads_between(a: Article, url: str) -> str:
    ad = '<div class="ad-slot"><span>Advertisement</span></div>'
    return (f'<!DOCTYPE html><html>{head(a, url, ld(a, url))}<body>{chrome.menu()}<div class="story-body">'
            f'<h1>{e(a.title)}</h1>{blocks(a, between=lambda n: ad if n % 3 == 1 else "")}</div>{chrome.footer()}</body></html>')


@layout
def divs_for_paragraphs(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body>{chrome.menu()}<div class="article-body">'
            f'<h1>{e(a.title)}</h1>{blocks(a, "div class=paragraph")}</div>{chrome.footer()}</body></html>')


@layout
def br_paragraphs(a: Article, url: str) -> str:
    body = "<br>\n<br>\n".join(e(text) for text in a.gold.split("\n"))
    return (f"<html>{head(a, url)}<body>{chrome.menu()}<div id=story><h2>{e(a.title)}</h2><span class=date>"
            f"{a.date:%B %d, %Y}</span><br><br>{body}</div>{chrome.footer()}</body></html>")


@layout
def table_1999(a: Article, url: str) -> Page:
    cells = "".join(f"<P>{e(text)}\n" for text in a.gold.split("\n"))
    page = (f'<HTML><HEAD><TITLE>{e(a.title)}</TITLE></HEAD><BODY BGCOLOR="#FFFFFF"><TABLE WIDTH=700><TR><TD COLSPAN=2>'
            f'{chrome.old_menu()}</TD></TR><TR><TD WIDTH=140 VALIGN=top>{chrome.old_links()}</TD><TD><FONT SIZE=5><B>'
            f'{e(a.title)}</B></FONT><BR><FONT SIZE=1>{a.date:%d %B %Y}</FONT>{cells}</TD></TR></TABLE></BODY></HTML>')
    return Page(page.encode("cp1252", "xmlcharrefreplace"), "text/html")


@layout
def windows_1252(a: Article, url: str) -> Page:
    page = (f'<!DOCTYPE html><html lang="en"><head><meta http-equiv="Content-Type" content="text/html; '
            f'charset=windows-1252"><title>{e(a.title)}</title></head><body>{chrome.menu()}<div class="content">'
            f'<h1>{e(a.title)}</h1><p class="date">Published {a.date:%B %d, %Y}</p>{blocks(a)}</div></body></html>')
    return Page(page.encode("cp1252", "xmlcharrefreplace"), "text/html")


@layout
def utf_16(a: Article, url: str) -> Page:
    page = f"<!DOCTYPE html><html><head><title>{e(a.title)}</title></head><body><article><h1>{e(a.title)}</h1>{blocks(a)}</article></body></html>"
    return Page(b"\xff\xfe" + page.encode("utf-16-le"), "text/html; charset=utf-16")


@layout
def header_charset(a: Article, url: str) -> Page:
    page = f"<!DOCTYPE html><html><head><title>{e(a.title)}</title></head><body>{chrome.menu()}<article><h1>{e(a.title)}</h1>{blocks(a)}</article>{chrome.footer()}</body></html>"
    return Page(page.encode("iso-8859-1", "xmlcharrefreplace"), "text/html; charset=ISO-8859-1")


@layout
def references(a: Article, url: str) -> str:
    def strange(text: str) -> str:
        return (e(text).replace("’", "&rsquo;").replace("“", "&ldquo;").replace("”", "&#8221;").replace(" million", "&nbsp;million")
                .replace("contract", "con&shy;tract").replace("ï", "&#xEF;"))

    body = "".join(f"<p>{strange(text)}</p>" for text in a.gold.split("\n"))
    return f"<!DOCTYPE html><html>{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>{body}</article></body></html>"


@layout
def links_inside(a: Article, url: str) -> str:
    def linked(text: str) -> str:
        return (e(text).replace("records", '<a href="/r"><em>records</em></a>').replace("contract", "<strong>con</strong>tract")
                .replace("company", '<span class="hl">company</span>'))

    body = "".join(f"<p>{linked(text)}</p>" for text in a.gold.split("\n"))
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.menu()}<main><h1>{e(a.title)}</h1>"
            f"{body}</main>{chrome.footer()}</body></html>")


@layout
def figures(a: Article, url: str) -> str:
    figure = '<figure><img src="/i.jpg" alt="A gate"><figcaption>A gate. Photo: Example Pictures</figcaption></figure>'
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>"
            f'<figure class="lead"><img src="/l.jpg"><figcaption>Credit: Example Pictures</figcaption></figure>'
            f'{blocks(a, between=lambda n: figure if n == 4 else "")}</article>{chrome.footer()}</body></html>')


@layout
def related_boxes(a: Article, url: str) -> str:
    box = ('<aside class="related"><h3>Related</h3><ul><li><a href="/x">Ten houses for sale this week</a></li><li>'
           '<a href="/y">Team wins again in overtime</a></li></ul></aside>')
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>"
            f'{blocks(a, between=lambda n: box if n in (2, 6) else "")}</article>{chrome.more_stories()}</body></html>')


@layout
def newsletter(a: Article, url: str) -> str:
    call = ('<div class="newsletter-promo"><p>Sign up for our morning newsletter and never miss a story.</p>'
            '<form><input type=email><button>Subscribe</button></form></div>')
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>"
            f'<p>By {a.by}</p>{blocks(a, between=lambda n: call if n == 3 else "")}<p>{a.by} is a reporter covering '
            f"contracts for the Ledger.</p></article>{chrome.footer()}</body></html>")


@layout
def json_only(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url, articleBody=a.gold, wordCount=len(a.gold.split())))}'
            f'<body>{chrome.menu()}<div id="root"></div><script src="/app.js"></script></body></html>')


@layout
def graph(a: Article, url: str) -> str:
    node = {"@context": "https://schema.org", "@graph": [
        {"@type": "WebSite", "name": "The Example Ledger"}, {"@type": "Person", "name": a.by},
        {"@type": ["Article", "NewsArticle"], "headline": a.title, "datePublished": a.date.isoformat(),
         "inLanguage": "en-US", "author": {"@type": "Organization", "name": "Ledger Staff"}}]}
    script = f'<script type="application/ld+json">{json.dumps(node, indent=1)}</script>'
    return (f'<!DOCTYPE html><html>{head(a, url, script)}<body>{chrome.menu()}<div class="wp-block-group"><h1>{e(a.title)}'
            f"</h1>{blocks(a)}</div>{chrome.footer()}</body></html>")


@layout
def amp(a: Article, url: str) -> str:
    return (f'<!doctype html><html ⚡ lang="en">{head(a, url, ld(a, url))}<body>{chrome.amp_menu()}<article class="amp-wp-article">'
            f'<h1 class="amp-wp-title">{e(a.title)}</h1><div class="amp-wp-article-content">{blocks(a)}</div></article>'
            "</body></html>")


@layout
def press_release(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url)}<body class="path-node">{chrome.government_banner()}{chrome.menu()}'
            f'<main id="main-content"><h1 class="page-title">{e(a.title)}</h1><div class="field--name-field-date">Release '
            f'Date: {a.date:%B %d, %Y}</div><div class="field--name-body"><p>WASHINGTON — {e(a.paragraphs[0])}</p>'
            f"{blocks(Article(a.slug, a.title, a.paragraphs[1:], a.date))}<p>###</p></div></main>{chrome.footer()}</body></html>")


@layout
def oversight_report(a: Article, url: str) -> str:
    rows = "<table><tr><th>Office</th><th>Paid</th></tr><tr><td>Elm County</td><td>$12 million</td></tr></table>"
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, meta(dcterms__issued=a.date.date().isoformat()))}<body>{chrome.menu()}'
            f'<main><h1>{e(a.title)}</h1><section class="highlights"><h2>Highlights</h2>{blocks(a)}{rows}</section></main>'
            f"{chrome.footer()}</body></html>")


@layout
def newsletter_platform(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body><div class="post"><h1 class="post-title">{e(a.title)}'
            f'</h1><div class="available-content"><div class="body markup" dir="auto">{blocks(a)}</div></div>'
            f'<div class="subscription-widget"><p>Thanks for reading! Subscribe for free to receive new posts.</p></div>'
            f"</div>{chrome.comments()}</body></html>")


@layout
def unclosed(a: Article, url: str) -> str:
    body = "\n<p>".join(e(text) for text in a.gold.split("\n"))
    return f"<!doctype html><title>{e(a.title)}</title><body>{chrome.menu()}<article><h1>{e(a.title)}</h1><p>{body}</article>{chrome.footer()}"


@layout
def sections(a: Article, url: str) -> str:
    parts = "".join(f"<section><p>{e(text)}</p></section>" for text in a.gold.split("\n"))
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body>{chrome.menu()}<div role="main"><div '
            f'itemprop="articleBody"><h1>{e(a.title)}</h1>{parts}</div></div>{chrome.footer()}</body></html>')


@layout
def cookie_banner(a: Article, url: str) -> str:
    return (f"<!DOCTYPE html><html lang=en>{head(a, url, ld(a, url))}<body>{chrome.cookies()}{chrome.menu()}<article>"
            f"<h1>{e(a.title)}</h1>{blocks(a)}</article>{chrome.footer()}</body></html>")


@layout
def hashed_classes(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body><div class="css-1aor85t">{chrome.menu()}</div>'
            f'<div class="css-53u6y8"><h1 class="css-88wicj">{e(a.title)}</h1>{blocks(a, "p class=css-at9mc1")}</div>'
            f'<div class="css-9x2k">{chrome.more_stories()}</div></body></html>')


@layout
def comments_below(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>{blocks(a)}'
            f"</article>{chrome.comments(8)}{chrome.footer()}</body></html>")


@layout
def pull_quotes(a: Article, url: str) -> str:
    quote = f'<div class="pullquote" aria-hidden="true">{e(a.paragraphs[0][:80])}</div>'
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1>'
            f'<p class="dek">{e(a.summary[:0])}</p>{blocks(a, between=lambda n: quote if n == 5 else "")}</article></body></html>')


@layout
def page_builder(a: Article, url: str) -> str:
    parts = "".join(f'<div class="row"><div class="col"><div class="widget-text"><p>{e(text)}</p></div></div></div>'
                    for text in a.gold.split("\n"))
    return (f'<!DOCTYPE html><html>{head(a, url, meta(article__published_time=a.date.isoformat()))}<body>{chrome.menu()}<div '
            f'class="page-wrapper"><div class="row"><h1>{e(a.title)}</h1></div>{parts}</div>{chrome.footer()}</body></html>')


@layout
def print_view(a: Article, url: str) -> str:
    body = "\n\n".join(a.gold.split("\n"))
    return (f"<html><head><title>{e(a.title)}</title></head><body><h3>{e(a.title)}</h3><i>{a.date:%B %d, %Y}</i><hr><pre>"
            f"{e(body)}</pre><hr>© The Example Ledger. All rights reserved.</body></html>")


@layout
def inline_scripts(a: Article, url: str) -> str:
    script = '<script>var p = "<p>not a paragraph</p>"; if (1 < 2) { track("</div>") }</script><style>p > a {x:y}</style>'
    return (f'<!DOCTYPE html><html lang="en">{head(a, url, ld(a, url))}<body>{chrome.menu()}<article><h1>{e(a.title)}</h1><!-- <p>old '
            f'text</p> -->{blocks(a, between=lambda n: script if n % 2 else "")}</article>{chrome.footer()}</body></html>')


@layout
def microdata(a: Article, url: str) -> str:
    return (f'<!DOCTYPE html><html lang="en">{head(a, url)}<body>{chrome.menu()}<div itemscope itemtype="https://schema.org/'
            f'NewsArticle"><h1 itemprop="headline">{e(a.title)}</h1><meta itemprop="datePublished" content="{a.date.isoformat()}">'
            f'<div itemprop="articleBody">{blocks(a)}</div></div>{chrome.sidebar()}{chrome.footer()}</body></html>')
