"""The learner's desk: copies of the lessons to work in, and a JupyterLab that opens them.

    python -m helpers.desk                  the copies are made or brought up to date, and opened
    python -m helpers.desk prepare          the copies only
    python -m helpers.desk fresh 05         lesson 05 begins anew; what was there is kept

Each way into the course comes through here: `make lab`, Windows, uv, a hub.

| file | what it holds |
|---|---|
| `notebook_file.py` | a notebook as a file: what is in it, what a copy of it is |
| `copies.py` | the copies in `my_lessons/`: made, replaced, kept |
| `lab.py` | JupyterLab, with a workspace and settings of its own |
| `words.toml` | what the learner is told |
| `jupyter/` | files for Jupyter itself: settings, and the kernel that the lessons run in |
"""
