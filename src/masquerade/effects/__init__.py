"""Effects on a face: one small file each, in a folder by kind.

A module in ``shape/``, ``makeup/`` or ``medical/`` is an effect, its name the file's name. It
declares ``RANGE``, the least and largest amount, and ``apply(portrait, amount, word)``, which gives
the `masquerade.effects.portrait.Portrait` changed. ``WORDS`` names what may follow the amount, such
as ``left`` and ``right``, the usual one first; ``#rrggbb`` stands for any colour. The first line of
its docstring says what the effect does; one that imitates a sign of illness says which.
"""
