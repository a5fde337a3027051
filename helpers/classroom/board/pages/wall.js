import { follow, showExercises, showLearners, showQuestion } from "./board.js";

const at = (id) => document.getElementById(id);

follow("api/wall", {}, (state) => {
  showLearners(at("learners"), state.learners);
  showQuestion(at("question"), state.question);
  showExercises(at("exercises"), state.exercises);
});
