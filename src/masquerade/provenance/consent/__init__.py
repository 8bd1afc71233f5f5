"""Consent: what a person, an estate or a guardian allows, signed, and held against what is done.

::

    record, on_behalf, words   what a record says            records      made, loaded, verified
    bound_face                 the face it is bound to       measured     faces as we measure them
    check                      whether it covers a use       trust        whose word counts
    revocation                 taken back, and what follows  model_*      what models remember
    pdf                        one page to read and to sign
"""
