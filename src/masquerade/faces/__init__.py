"""From a picture to the faces in it: where, whose, turned how, and what they do.

Folders: `following` through a shot, `appearance` of a person, `mouth`, `occlusion` by what is in
front, `living` photos.
"""
