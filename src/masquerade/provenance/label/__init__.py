"""The visible label: words in the picture that a viewer sees, in a place where no face is.

::

    words      what it says, in which languages      presets    where, since when, how loud
    typeface   letters, from fonts in the package    plate      words drawn: a plate, a card
    place      where no face is, and staying there   labelled   all of it, frame by frame
"""

from masquerade.provenance.label.labelled import Clip, labelled
from masquerade.provenance.label.presets import PRESETS, Preset, preset
from masquerade.provenance.label.words import ENGLISH, Wording, languages, words

__all__ = [
    "ENGLISH",
    "PRESETS",
    "Clip",
    "Preset",
    "Wording",
    "labelled",
    "languages",
    "preset",
    "words",
]
