"""The fields of the label that people see: which form of it, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from masquerade.server.ui.fields import Field, pick

_FORMS: Final[Mapping[str, str]] = {
    "eu": "a sign in the corner throughout, a sentence at the beginning",
    "film": "a notice at the beginning and at the end, for whole films",
    "minimal": "a small quiet sign throughout, for satire and art",
}
_LANGUAGES: Final[Mapping[str, str]] = {
    "ar": "العربية", "bg": "български", "cs": "čeština", "da": "dansk", "de": "Deutsch",
    "el": "ελληνικά", "en": "English", "es": "español", "fi": "suomi", "fr": "français",
    "hu": "magyar", "it": "italiano", "ja": "日本語", "ko": "한국어", "nl": "Nederlands",
    "pl": "polski", "pt": "português", "ro": "română", "sv": "svenska", "tr": "Türkçe",
    "uk": "українська", "zh": "中文",
}  # fmt: skip


def label_fields() -> tuple[Field, Field]:
    """Which label, and its language."""
    from masquerade.provenance.label import PRESETS, languages

    forms = {name: _FORMS.get(name, one.summary) for name, one in PRESETS.items()}
    why = "It cannot be left out; the first is what the European Union's code of practice asks."
    return (
        pick("Label", forms, "eu", why=why),
        pick("Language of the label", {one: _LANGUAGES.get(one, one) for one in languages()}, "en"),
    )
