"""Networks, one file each, with their cards and weights.

Folders: `brought` by users, `trained` by users here, `style` for painting, `cards` of them all.
"""
