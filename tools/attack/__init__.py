"""Mistakes of this field, made on purpose in the right programs of the exercises.

    python -m tools.attack                        the solutions of all exercises
    python -m tools.attack ask greet --ways       all right programs of these
    python -m tools.attack --only "strip, size"   some operators

A program that a scenario refuses is killed. One that all scenarios accept has survived: either
it is still right (`survivors.toml` in the folder of the exercise says why), or a peer is missing.
"""
