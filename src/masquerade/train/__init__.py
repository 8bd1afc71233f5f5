"""Facesets and the training of networks; nothing of the running program imports it but cli, jobs.

::

    faceset, faceset_*, collect   faces of one person in one file
"""
