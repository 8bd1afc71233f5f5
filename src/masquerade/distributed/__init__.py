"""Pieces of work spread over processes of this machine, or over machines by Ray.

What is spread is drawn or observed elsewhere and comes back; keys, consent, gates, marks and the
ledger stay where the command was given.
"""
