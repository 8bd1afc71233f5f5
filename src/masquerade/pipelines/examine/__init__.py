"""Files are examined, and what was found is written: `examine.examine` is the way in."""
