"""Before and after under a slider, as markup: pictures, or two films that run as one."""

from __future__ import annotations

from masquerade.server.ui.pieces import text

_REST = (
    "<span class='tag l'>before</span><span class='tag r'>after</span><div class='edge'></div>"
    "<input type='range' min='0' max='100' value='50'"
    " aria-label='Move between before and after'></div>"
)
_FILM = "muted playsinline preload='auto'"


def pictures(before: str, after: str, name: str, *, size_wh: tuple[int, int] | None = None) -> str:
    """Two pictures of the same size.

    Args:
        before: Address of the one.
        after: Address of the other.
        name: What they show.
        size_wh: Their size in pixels where it is known, so that nothing moves as they come.
    """
    room = f" width='{size_wh[0]}' height='{size_wh[1]}'" if size_wh else ""
    return (
        f"<div class='compare'><img src='{before}' alt='{text(name)} before'{room}>"
        f"<div class='after'><img src='{after}' alt='{text(name)} after'{room}></div>{_REST}"
    )


def films(before: str, after: str) -> str:
    """Two films of the same size, which a button starts together.

    Args:
        before: Address of the one.
        after: Address of the other.
    """
    leads = f"src='{before}' {_FILM} poster='{before}?still=1' aria-label='Before'"
    follows = f"src='{after}' {_FILM} poster='{after}?still=1' aria-label='After'"
    return (
        f"<div class='films stack'><div class='compare'><video class='leads' {leads}></video>"
        f"<div class='after'><video class='follows' {follows}></video></div>{_REST}"
        "<div><button type='button' class='btn' data-plays>Play both</button></div></div>"
    )
