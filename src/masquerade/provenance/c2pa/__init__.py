"""Content Credentials by the C2PA's standard: written, signed, and read from any file.

::

    manifest       what an output says of itself         credentials  what any file says
    write          signed, and put into the file         walk         through a whole history
    formats        which files hold a manifest           words        the standard's terms, plainly
    signing        which certificate signs, and how      anchors      whom we know
    certificates   this installation's own authority     library      how the C2PA library is set up
    chain, signer  certificates and keys people bring
"""
