"""The C2PA library as it is used here: whom it trusts, and that it fetches nothing."""

from __future__ import annotations

from typing import Final

import c2pa

_SETTINGS: Final = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {
        "created_assertion_labels": ["c2pa.actions"],
        # A thumbnail of a source's photo would be a copy of that person's picture.
        "thumbnail": {"enabled": False},
    },
}


def context(anchors: str) -> c2pa.Context:
    """Settings of the C2PA library: these roots are trusted, nothing is fetched."""
    trust = {"trust": {"user_anchors": anchors}} if anchors.strip() else {}
    return c2pa.Context.from_dict({**_SETTINGS, **trust})


def is_missing(error: c2pa.C2paError) -> bool:
    """Whether the library found no manifest, or knows no way this kind of file could hold one."""
    kinds = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported)
    return isinstance(error, kinds) or "type is unsupported" in str(error)
