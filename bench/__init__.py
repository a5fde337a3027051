"""The helpers measured against what one would use instead. `make bench` runs all of it."""
