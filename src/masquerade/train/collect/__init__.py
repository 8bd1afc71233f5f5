"""Facesets made, looked at and changed.

::

    limits     which pictures are good enough     consent   whose face it is, and who allows it
    face       one face measured and cut out      gather    faces of one piece of one file
    spread     different ones, evenly chosen      work      what a stopped run had done
    build      files to a faceset                 edit      filter, merge, split
    look       what a faceset shows and lacks     export    pictures for other programs
"""
