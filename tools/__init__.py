"""What the makers of the course run. Learners need nothing of it."""
