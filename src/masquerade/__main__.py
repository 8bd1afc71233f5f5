"""So that `python -m masquerade` works where the script is not on the path."""

from masquerade.cli import main

raise SystemExit(main())
