"""The ledger: an append-only list of everything this installation sealed.

::

    row    one row; do rows follow each other      head   the signed note of how far the list goes
    store  rows in SQLite: added, read, checked    export  all of them, for third parties
    words  what a row says, plainly
"""

from masquerade.provenance.ledger.row import LedgerReport, LedgerRow
from masquerade.provenance.ledger.store import (
    append,
    check_ledger,
    each_row,
    new_row_id,
    outputs_marked,
    row_by_id,
    rows,
    rows_by_name,
    verify_ledger,
)

__all__ = [
    "LedgerReport",
    "LedgerRow",
    "append",
    "check_ledger",
    "each_row",
    "new_row_id",
    "outputs_marked",
    "row_by_id",
    "rows",
    "rows_by_name",
    "verify_ledger",
]
