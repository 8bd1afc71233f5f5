"""The recipes that join everything: from what is asked for to a sealed file or a report.

`make` is the way in for every method that changes faces or pictures; `morph` mixes faces. A folder
each: `anonymize`, `body`, `lips`, `portrait`, `voice`, `examine`, `preview`, and `source` for what
swaps are made from.
"""
