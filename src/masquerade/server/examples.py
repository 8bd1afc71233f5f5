"""One example of each kind of request, for the API's own description."""

from __future__ import annotations

from typing import Final

from masquerade.provenance.canonical import Json

_UPLOAD: Final = "upload:up-{:032x}"
_MAKING: Final[dict[str, Json]] = {"target": _UPLOAD.format(1), "out": "result.mp4"}
_CONSENTED: Final[dict[str, Json]] = {**_MAKING, "consents": [_UPLOAD.format(2)]}
_EXAMPLES: Final[dict[str, dict[str, Json]]] = {
    "anonymize": _MAKING,
    "body": {**_CONSENTED, "source": _UPLOAD.format(3)},
    "body_inspect": {
        "target": _UPLOAD.format(1),
        "source": _UPLOAD.format(3),
        "out": "inspected.png",
    },
    "evaluate": {
        "target": _UPLOAD.format(1),
        "output": f"job:job-{1:032x}",
        "sources": [_UPLOAD.format(3)],
        "out": "measured.png",
    },
    "examine": {"target": _UPLOAD.format(1), "reports": ["report.html", "report.json"]},
    "faceset": {
        "inputs": [_UPLOAD.format(1)],
        "consents": [_UPLOAD.format(2)],
        "out": "ada.faceset",
    },
    "gallery": {"target": _UPLOAD.format(1), "out": "styles.png"},
    "lipsync": {**_CONSENTED, "speech": _UPLOAD.format(3)},
    "make": {**_CONSENTED, "sources": [_UPLOAD.format(3)]},
    "morph": {
        "photos": [_UPLOAD.format(1), _UPLOAD.format(2)],
        "consents": [_UPLOAD.format(3), _UPLOAD.format(4)],
        "out": "between.png",
    },
    "person": {
        "name": "Ada",
        "inputs": [_UPLOAD.format(1)],
        "consents": [_UPLOAD.format(2)],
        "out": "ada.person",
    },
    "persona_voice": {"name": "ada", "out": "ada.mvoice"},
    "portrait": {**_CONSENTED, "speech": _UPLOAD.format(3)},
    "preview": {**_CONSENTED, "sources": [_UPLOAD.format(3)], "out": "sheet.png"},
    "source": {"inputs": [_UPLOAD.format(1)], "consents": [_UPLOAD.format(2)], "out": "ada.mface"},
    "train": {
        "source": f"job:job-{1:032x}",
        "target": f"job:job-{2:032x}",
        "out": "ab.safetensors",
    },
    "train_body": {
        "video": _UPLOAD.format(1),
        "consents": [_UPLOAD.format(2)],
        "out": "ada.mbody",
    },
    "train_lips": {
        "footage": [_UPLOAD.format(1)],
        "consents": [_UPLOAD.format(2)],
        "out": "ada.safetensors",
    },
    "verify": {"target": _UPLOAD.format(1)},
    "voice_build": {
        "inputs": [_UPLOAD.format(1)],
        "consents": [_UPLOAD.format(2)],
        "out": "ada.mvoice",
    },
    "voice_convert": {**_MAKING, "voice": _UPLOAD.format(2), "out": "result.wav"},
    "voice_disguise": {**_MAKING, "out": "result.wav"},
    "voice_speak": {"text": "Hello.", "voice": _UPLOAD.format(1), "out": "result.wav"},
}


def example_of(kind: str, path: str) -> dict[str, Json]:
    """A request of that kind, with the method that its address ends in."""
    _, _, method = path.strip("/").partition("/")
    found = dict(_EXAMPLES[kind])
    if method in ("edit", "style"):
        found.pop("sources", None)
        found["options"] = {"effect": ["smile=0.5"]} if method == "edit" else {"style": ["ink"]}
    return found | ({"method": method} if method else {})
