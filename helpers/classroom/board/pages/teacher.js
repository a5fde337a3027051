import { follow, make, say, showExercises, showLearners, showQuestion } from "./board.js";

const at = (id) => document.getElementById(id);

// The key stands behind the # of the address, which a browser never sends. It is taken away from
// there, so that it is not seen on a screen, and kept for this tab only.
if (location.hash.length > 1) {
  sessionStorage.setItem("key", location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
const headers = { "X-Board-Key": sessionStorage.getItem("key") ?? "none" };

async function ask(told) {
  const response = await fetch("api/do", {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(told),
  });
  if (!response.ok) at("line").textContent = (await response.json()).says;
}

let questions = [];

function fillLessons() {
  const lessons = [...new Set(questions.map(([lesson]) => lesson))];
  at("lesson").replaceChildren(...lessons.map((each) => make("option", each, { value: each })));
  fillQuestions();
}

function fillQuestions() {
  const shown = questions.filter(([lesson]) => lesson === at("lesson").value);
  const plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent;
  at("pick").replaceChildren(
    ...shown.map(([, name, text]) => make("option", plain(text).slice(0, 90), { value: name })),
  );
}

at("lesson").addEventListener("change", fillQuestions);
at("open").addEventListener("click", () => ask({ do: "open", question: at("pick").value }));
at("reveal").addEventListener("click", () => ask({ do: "reveal" }));
at("export").addEventListener("click", async () => {
  const response = await fetch("api/export", { headers });
  if (!response.ok) return;
  const link = make("a", "", { href: URL.createObjectURL(await response.blob()), download: "board.zip" });
  link.click();
  URL.revokeObjectURL(link.href);
});

const ago = (when) => {
  const minutes = Math.floor((Date.now() / 1000 - when) / 60);
  return minutes < 1 ? say("now") : say("minutes ago", { minutes });
};

function row(person) {
  const line = make("tr");
  const name = person.name || say("no name", person);
  const stuck = person.stuck.map(([exercise, tries]) => say("tries", { exercise, tries })).join(", ");
  line.append(make("th", name, { scope: "row" }));
  line.append(make("td", [person.at, person.outcome, ago(person.when)].filter(Boolean).join(", ")));
  line.append(make("td", person.passed.join(", ")), make("td", stuck));
  const button = make("button", say("delete"), { "aria-label": say("delete title", { name }) });
  button.addEventListener("click", () => {
    if (confirm(say("delete sure", { name }))) {
      ask({ do: "delete", learner: person.number });
    }
  });
  const cell = make("td");
  cell.append(button);
  line.append(cell);
  return line;
}

follow("api/teacher", headers, (state) => {
  showLearners(at("learners"), state.learners);
  showQuestion(at("question"), state.question);
  showExercises(at("exercises"), state.exercises);
  at("code").textContent = state.code;
  if (!questions.length) {
    questions = state.questions;
    fillLessons();
  }
  at("people").replaceChildren(...state.people.map(row));
});
