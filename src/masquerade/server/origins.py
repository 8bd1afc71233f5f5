"""Whether a page of another site sent a request: browsers say so, and no script can change it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

_OURS: Final = ("same-origin", "none")  # of this site, or of nobody's: typed by hand


def is_foreign(headers: Headers) -> bool:
    """Whether a page of another site sends a request, as the browser says."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin", "")
    if site is not None and site not in _OURS:
        return True
    if origin == "null":  # of a form, where a page says nothing of where it comes from
        return site != "same-origin"
    return bool(origin) and urlsplit(origin).netloc != headers.get("host", "")
