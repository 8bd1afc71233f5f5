"""Metadata in which generators and editors name themselves or say how a picture was made.

Programs that generate pictures often write their settings into the file, and honest publishers tag
what they made with IPTC's digital source type. Whoever wants to deceive takes both out: finding
nothing says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from masquerade import options as base
from masquerade.forensics.evidence import Applies, Evidence, Family, Standing
from masquerade.forensics.sample import Sample
from masquerade.media.tags import FileTags


class Options(base.Options):
    """This signal has no knobs."""


family = Family.METADATA
limits = "Metadata is easily removed or invented; finding none says nothing."

_TERMS: Final = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "algorithmicMedia",
    "compositeSynthetic",
)
_GENERATORS: Final = (
    "stable diffusion", "comfyui", "automatic1111", "invokeai", "novelai", "midjourney", "dall-e",
    "dall·e", "firefly", "imagen", "flux.1", "leonardo.ai", "ideogram", "stylegan", "deepfacelab",
    "faceswap", "faceapp", "reface", "synthesia", "heygen", "runway", "openai", "sora", "veo",
    "elevenlabs", "made with google ai", "grok image", "bing image creator",
)  # fmt: skip
_SETTINGS: Final = re.compile(
    r"(?=.*\bsteps: ?\d+)(?=.*\b(?:sampler|cfg scale|seed): ?\S)|\"class_type\"\s*:\s*\"KSampler",
    re.IGNORECASE | re.DOTALL,
)
_SETTING_NAMES: Final = ("parameters", "prompt", "workflow", "sd-metadata", "dream")


def examine(sample: Sample, options: Options) -> Evidence:
    """What the file's own tags say of how it was made."""
    found = tuple(dict.fromkeys(declarations(sample.tags)))
    if found:
        says = "The file's own metadata says that it was made by machine: " + "; ".join(found[:4])
    else:
        says = (
            "No ordinary tag names a generator or says that this was made by machine; what signed"
            " manifests say stands under provenance"
        )
    return Evidence(
        signal="declared",
        family=family,
        applies=Applies.YES,
        says=f"{says}.",
        value=float(len(found)),
        unit="declarations found",
        limits=limits,
        error_rate="A tag that names a generator can be false; how often is not known.",
        options_json=options.canonical_json(),
        standing=Standing.DECLARED if found else Standing.NONE,
    )


def declarations(tags: FileTags) -> Iterator[str]:
    """Every tag that says the material was made by machine, in words.

    Args:
        tags: What the file says of itself.
    """
    for where, name, value in tags.entries:
        lower = value.lower()
        for term in _TERMS:
            if re.search(rf"\b{term}\b", value):
                yield f"digital source type {term} ({where})"
        if name.lower() in _SETTING_NAMES and _SETTINGS.search(value):
            yield f"settings of an image generator in the tag {name!r}"
        for generator in _GENERATORS:
            if re.search(rf"(?<!\w){re.escape(generator)}(?!\w)", lower):
                yield f"{name!r} names {generator}"
