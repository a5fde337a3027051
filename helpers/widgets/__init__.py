"""Widgets: they place the views of `helpers` in a live page, and draw nothing of their own.

Only this package imports ipywidgets, and only when a widget is first used.
"""
