"""The record: calls, actors, what is on the wire, and how a wait ends. Knows no socket class."""
