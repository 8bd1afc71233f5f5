"""The visible label: words in the picture that a viewer sees, in a place where no face is.

::

    wanted     which label, for which work           words      what it says, in which languages
    presets    where, since when, how loud           typeface   letters, from fonts in the package
    plate      words drawn: a plate, a card          place      where no face is, and stays so
    labelled   all of it, frame by frame
"""

from masquerade.provenance.label.labelled import labelled
from masquerade.provenance.label.presets import PRESETS, Preset, preset
from masquerade.provenance.label.wanted import Clip, Label, clip_of
from masquerade.provenance.label.words import ENGLISH, Wording, languages, words

__all__ = [
    "ENGLISH",
    "PRESETS",
    "Clip",
    "Label",
    "Preset",
    "Wording",
    "clip_of",
    "labelled",
    "languages",
    "preset",
    "words",
]
