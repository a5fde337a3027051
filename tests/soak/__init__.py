"""The soak: tests that do random things, a little in `make test`, for an hour in `make soak`."""
