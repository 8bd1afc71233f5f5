"""Content Credentials by the C2PA's standard: written, signed, and read from any file.

::

    manifest       what an output says of itself         credentials  what any file says
    signing        which certificate signs, and how      walk         through a whole history
    certificates   this installation's own authority     words        the standard's terms, plainly
    chain, signer  certificates and keys people bring    anchors      whom we know
"""
