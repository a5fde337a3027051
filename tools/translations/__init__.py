"""The course in a second language: one PO file for each lesson, and the notebooks made of them.

python -m tools.translations --help

blocks.py       a Markdown text in pieces: what is translated, and what is kept as it is
po.py           PO files: their form, and how they follow English that changes
language.py     a language: its folder, its name, its notebooks
following.py    the files of a language follow the English lessons
lessons.py      the messages of a lesson, and the lesson made of their translations
words.py        what the helpers say, and all questions and exercises
promises.py     what a translation must keep: code, links, tags, numbers, bold
"""
