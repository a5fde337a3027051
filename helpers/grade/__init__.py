"""Submitted notebooks, checked and counted: `python -m helpers.grade FOLDER`.

A folder of notebooks, or of zip files as a learning platform gives them, becomes a table: learner,
exercise, outcome, known mistake. `submissions.py` finds the notebooks, `answer.py` takes the
learner's function out of one, `running.py` has it checked in a process of its own (`child.py`),
and `tables.py` writes what was found.
"""
