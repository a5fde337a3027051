"""The course around the lessons: the map, the questions, what the learner has done."""
