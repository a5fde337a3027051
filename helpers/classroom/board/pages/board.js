// What both pages have in common. All text of learners goes through textContent: it is never markup.

export const make = (tag, text = "", attributes = {}) => {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

// The words of the course's own questions: escaped by the board, with <code> and <strong>.
const ofTheCourse = (tag, html) => {
  const element = make(tag);
  element.innerHTML = html;
  return element;
};

// What the page says, in the language of the board. A text that counts has a form for each number that
// the language has, in this order.
const WORDS = JSON.parse(document.getElementById("words").textContent);
const ORDER = ["one", "two", "few", "many", "other"];

export const say = (key, values = {}) =>
  WORDS[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

const counted = (key, count) => {
  const rules = new Intl.PluralRules(document.documentElement.lang);
  const known = ORDER.filter((each) => rules.resolvedOptions().pluralCategories.includes(each));
  const forms = WORDS[key];
  const form = Math.min(known.indexOf(rules.select(count)), forms.length - 1);
  return forms[form].replace("{count}", count);
};

export function showQuestion(place, question) {
  if (!question) {
    place.replaceChildren(make("p", say("nothing"), { class: "quiet" }));
    return;
  }
  const now = question.rounds.at(-1);
  const key = question.rounds.length > 1 ? "votes of a round" : "votes now";
  const state = question.open ? say("vote") : question.revealed ? "" : say("ended");
  const yours = question.right !== null && !question.revealed ? ` ${say("only you")}` : "";
  const votes = counted("votes", now.votes);
  const says = say(key, { round: question.rounds.length, votes, state: `${state}${yours}` });
  const rows = question.choices.map((choice, at) => showChoice(question, choice, at));
  place.replaceChildren(
    ofTheCourse("h2", question.text),
    ...rows,
    make("p", says, { role: "status" }),
  );
}

function showChoice(question, choice, at) {
  const right = question.right === at;
  const row = make("div", "", { class: right ? "choice right" : "choice" });
  const letter = "abcdefghij"[at];
  row.append(make("span", right ? `✓ ${letter}` : letter), ofTheCourse("span", choice));
  const shown = question.rounds.filter((round) => round.counts);
  const last = question.rounds.at(-1);
  const counts = shown.map((round) => round.counts[at]).join(say("then"));
  const says = last.counts ? (right ? say("right", { counts }) : counts) : "";
  row.append(make("span", says, { class: "count" }));
  const bars = make("div", "", { class: "bars" });
  for (const round of shown) {
    const share = round.votes ? (100 * round.counts[at]) / round.votes : 0;
    const number = question.rounds.indexOf(round) + 1;
    const votes = counted("votes", round.votes);
    const words = say("bar", { round: number, count: round.counts[at], votes });
    const kind = round === last ? "bar" : "bar earlier";
    const bar = make("div", "", { class: kind, role: "img", "aria-label": words, title: words });
    const filled = make("span");
    filled.style.width = `${share}%`;
    bar.append(filled);
    bars.append(bar);
  }
  row.append(bars);
  return row;
}

export function showExercises(place, exercises) {
  const parts = exercises.flatMap((each) => {
    const head = make("h2", say("exercise", each));
    const list = make("ul");
    for (const [name, count] of each.mistakes) list.append(make("li", say("mistake", { name, count })));
    return each.mistakes.length ? [head, list] : [head];
  });
  place.replaceChildren(...parts);
}

export const showLearners = (place, count) => {
  place.textContent = counted("learners", count);
};

// One stream for each page. It is opened again when the board was away.
export async function follow(path, headers, show) {
  const line = document.getElementById("line");
  for (let pause = 500; ; pause = Math.min(2 * pause, 10000)) {
    try {
      const response = await fetch(path, { headers, cache: "no-store" });
      if (!response.ok) {
        line.textContent = (await response.json()).says ?? response.statusText;
        if (response.status === 403) return;
      } else {
        line.textContent = "";
        pause = 500;
        await readAll(response.body, show);
      }
    } catch {
      line.textContent = say("away");
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function readAll(body, show) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const parts = text.split("\n\n");
    text = parts.pop();
    const news = parts.filter((part) => part.startsWith("data: ")).pop();
    if (news) show(JSON.parse(news.slice(6)));
  }
}
