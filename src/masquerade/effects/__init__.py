"""Effects on a face: one small file each, in a folder by kind.

A module in one of the folders is an effect, its name the file's name; what several effects share
lies beside the folders. It declares ``RANGE``, the least and largest amount, and
``apply(portrait, amount, word)``, which gives the `masquerade.effects.portrait.Portrait` changed.
``WORDS`` names what may follow the amount, such as ``left`` and ``right``, the usual one first;
``#rrggbb`` stands for any colour. ``MODELS`` names weights it works with; with ``person_mask`` the
portrait knows what is a person. ``HAIR`` is true where an effect asks for hair, ``SKIN`` where
it asks for skin beside the face, ``ROOM`` is what has to be cut out around the face, where it is
more than usual, ``MOVES_HEAD`` is true where spectacles that are worn go along with the head (else
they stay as they are). The first line of its docstring says what the effect does; one that imitates
a sign of illness says which.
"""
