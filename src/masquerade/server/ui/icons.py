"""Icons as SVG, drawn in strokes on a grid of 24; always beside words, so hidden from readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PATHS: Final[Mapping[str, str]] = {
    "home": "M4 11l8-7 8 7v8.5a.5.5 0 0 1-.5.5H15v-6H9v6H4.5a.5.5 0 0 1-.5-.5z",
    "make": "M4 20l11-11M13 5l6 6M15.5 2.5l.8 1.7 1.7.8-1.7.8-.8 1.7-.8-1.7-1.7-.8"
    " 1.7-.8zM20 14l.6 1.4 1.4.6-1.4.6-.6 1.4-.6-1.4-1.4-.6 1.4-.6z",
    "train": "M4 19V5M4 19h16M7 15c2.5 0 3-8 6-8s3 5 7 5",
    "jobs": "M5 6h14M5 12h14M5 18h9M17.5 16.5l1.5 1.5 3-3",
    "verify": "M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6zM8.5 12l2.5 2.5 4.5-5",
    "unmask": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3L21 21"
    "M8 10.5h.01M13 10.5h.01",
    "consents": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16c1-1.5 2-1.5 2.5 0s1.5 1 3.5-.5",
    "ledger": "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6",
    "learn": "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "upload": "M12 16V4M7 9l5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
    "download": "M12 4v12M7 11l5 5 5-5M4 20h16",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "cross": "M6 6l12 12M18 6L6 18",
    "alert": "M12 4l9 16H3zM12 10v4M12 17h.01",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5M12 8h.01",
    "dash": "M6 12h12",
    "signature": "M3 17c2-8 5-12 6-10s-3 9-1 9 3-5 5-5-1 4 1 4 2-2 3-2 1 1.5 4 1M3 21h18",
    "water": "M12 3s6 6.5 6 11a6 6 0 0 1-12 0c0-4.5 6-11 6-11z",
    "label": "M3 12V5a1 1 0 0 1 1-1h8l9 9-8 8zM8 8.5h.01",
    "copies": "M8 8h12v12H8zM16 8V4H4v12h4",
    "history": "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4M12 8v4l3 2",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c.5-4 4-6 8-6s7.5 2 8 6",
    "sound": "M4 10v4M8 7v10M12 4v16M16 8v8M20 10v4",
    "quiz": "M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .9-1 1.7M12 17h.01M12 2.5a9.5 9.5 0 1 0 0 19"
    " 9.5 9.5 0 0 0 0-19z",
}


def icon(name: str) -> str:
    """An icon as SVG.

    Example:
        >>> icon("menu").startswith("<svg")
        True
    """
    return (
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{_PATHS[name]}"/></svg>'
    )


def mask() -> str:
    """Masquerade's own sign."""
    return (
        '<svg viewBox="0 0 32 32" aria-hidden="true" fill="currentColor" fill-rule="evenodd">'
        '<path d="M2 10c5-3.5 9.5-3 14-.5C20.5 7 25 6.5 30 10c.5 8-3 14-8 14-3 0-4.5-3-6-4.5'
        "-1.5 1.5-3 4.5-6 4.5-5 0-8.5-6-8-14zM6.5 14c1.5 3.5 5 4.5 8 2.5"
        '-2-3-5.5-4-8-2.5zM25.5 14c-2.5-1.5-6-.5-8 2.5 3 2 6.5 1 8-2.5z"/></svg>'
    )
