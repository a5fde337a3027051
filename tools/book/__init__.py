"""The web book: the committed lessons as pages, made without running anything.

python -m tools.book            build the site in build/book

settings.py     where the course is published: one setting
links.py        where a link of a lesson leads in the book
lessons.py      a notebook as a page: questions, ladders, permalinks
teaching.py     a teacher's note: links to the cells that it names
gather.py       all pages of the book, in the folder that Sphinx reads
redirects.py    old names of pages lead to the new ones
"""
