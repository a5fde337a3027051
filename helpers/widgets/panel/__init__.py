"""The panel: the learner plays the clients of a live server by hand."""
