"""One file a kind of work: what can be asked for (``Spec``), and the pipeline that does it.

A kind declares ``Spec`` (a frozen `masquerade.options.Options`), ``summary`` (a sentence),
``gives`` (what its files are, which says how long they are kept) and ``run(spec, work)``, which
gives back what came of it, for programs. Every pipeline here asks for consent and marks what it
makes by itself: a kind only hands over what was asked for.
"""
