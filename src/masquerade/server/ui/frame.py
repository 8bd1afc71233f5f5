"""What stands around every page: sign, ways to the other pages, light and dark, a foot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import nicegui
from nicegui import ui

import masquerade
from masquerade.server.ui.icons import icon, mask
from masquerade.server.ui.pieces import block, part, text

_HEAD: Final = (
    '<link rel="stylesheet" href="/assets/theme.css"><script src="/assets/studio.js"></script>'
)
_LATER: Final = (
    "vue.esm-browser.prod.js",
    "quasar.umd.prod.js",
    "quasar.unimportant.prod.css",
    "quasar.important.prod.css",
    "nicegui.css",
    "nicegui.js",
    "socket.io.min.js",
)
GROUPS: Final = (
    ("Make", (("make", "Make"), ("train", "Train"), ("jobs", "Jobs"))),
    ("Check", (("verify", "Verify"), ("unmask", "Unmask"))),
    ("Records", (("consents", "Consents"), ("ledger", "Ledger"))),
    ("Understand", (("learn", "Learn"),)),
)


@contextmanager
def frame(active: str) -> Iterator[ui.element]:
    """A page's content goes into what this gives; `active` is the page's own entry."""
    ui.add_head_html(_HEAD)
    with ui.context.client.layout:  # outside the main landmark, which holds the page alone
        block("Skip to the content", "skip", tag="a").props('href="#content"').move(target_index=0)
        block(_rail(active), "rail", tag="header").move(target_index=1)
        block(_bar(active), "bar", tag="header").move(target_index=2)
    with part("page") as content:
        content.props('id="content" tabindex="-1"')
        with part("inner") as inner:
            yield inner


def document(name: str, active: str, inner: str) -> str:
    """A page that only says something, whole: it needs no program in the browser, so it is quick.

    What the other pages need is fetched behind it, while it is read.

    Args:
        name: What the browser calls it.
        active: The page's own entry.
        inner: Its content, as markup.
    """
    static = f"/_nicegui/{nicegui.__version__}/static"
    later = "".join(f'<link rel="prefetch" href="{static}/{one}">' for one in _LATER)
    return (
        '<!doctype html><html lang="en-US"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width, initial-scale=1"><title>{text(name)}</title>'
        '<link rel="icon" href="/assets/sign.svg" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{static}/fonts.css">{_HEAD}{later}</head><body>'
        '<div class="q-layout"><a class="skip" href="#content">Skip to the content</a>'
        f'<header class="rail">{_rail(active)}</header><header class="bar">{_bar(active)}</header>'
        f'<main><div class="page" id="content" tabindex="-1"><div class="inner">{inner}</div></div>'
        "</main></div></body></html>"
    )


def _brand() -> str:
    return f'<a class="brand" href="/">{mask()}<span>Masquerade</span></a>'


def _entry(name: str, words: str, active: str) -> str:
    here = ' aria-current="page"' if name == active else ""
    return f'<a class="entry" href="/{name}"{here}>{icon(name)}<span>{text(words)}</span></a>'


def _groups(active: str) -> str:
    return "".join(
        f"<div><h2>{text(group)}</h2>{''.join(_entry(*one, active) for one in entries)}</div>"
        for group, entries in GROUPS
    )


def _themes() -> str:
    buttons = "".join(
        f'<button type="button" data-set-theme="{name}" aria-pressed="false">{words}</button>'
        for name, words in (("auto", "Auto"), ("light", "Light"), ("dark", "Dark"))
    )
    return f'<div class="themes" role="group" aria-label="Light or dark">{buttons}</div>'


def _foot() -> str:
    return (
        "<p>Runs on the computer that this page comes from. Nothing is sent on.</p>"
        f"<p>Version {text(masquerade.__version__)}</p>"
    )


def _rail(active: str) -> str:
    return (
        f'{_brand()}<nav aria-label="Pages">{_groups(active)}</nav>'
        f'<div class="foot">{_themes()}{_foot()}</div>'
    )


def _bar(active: str) -> str:
    return (
        f'<div class="row1">{_brand()}<details><summary>{icon("menu")}<span>Menu</span></summary>'
        f'<div class="sheet"><nav aria-label="Pages, in the'
        f' menu">{_groups(active)}</nav>{_themes()}'
        "</div></details></div>"
    )
