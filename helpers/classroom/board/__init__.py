"""The class board: `python -m helpers.classroom.board`, or `make board`.

`store.py` keeps what learners send (SQLite), `state.py` says what the two pages show of it,
`app.py` answers learners and pushes to the pages (Tornado), `pages/` are the pages themselves.
"""
