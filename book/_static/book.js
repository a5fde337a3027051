// Questions of a lesson as cards, outputs that stay covered until an answer is chosen, and what
// the reader has chosen, kept in this browser.
//
// - The page is whole without this script: each question has its choices, and behind each choice
//   its answer. The script moves what stands there, and writes no words but those in `words`.
// - A choice is kept by its text, so that a question that has changed is asked again.
// - The arrow keys move between the choices; Space, Enter or a click chooses. So nobody chooses
//   an answer on the way to another one.

document.documentElement.classList.add("covering"); // before anything is drawn

(() => {
  "use strict";
  const KEPT = "socket-course choices";
  let words;

  // --- what is kept ---------------------------------------------------------------------------

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(KEPT));
      return found && typeof found === "object" && !Array.isArray(found) ? found : {};
    } catch {
      return {}; // no storage here, or somebody else's text in it
    }
  }

  function keep(choices) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(choices));
    } catch {
      // The choice holds until the page is left.
    }
  }

  // --- covered outputs ------------------------------------------------------------------------

  // The cell that gives the answer: it stands behind its own place.
  function cellOf(question) {
    const place = document.getElementById(`cell-${question.dataset.cell}`);
    let cell = place?.closest("p") ?? place;
    while (cell && !cell.classList.contains("cell")) cell = cell.nextElementSibling;
    return cell?.classList.contains("tag_covered") ? cell : null;
  }

  // The text cell behind this cell, up to its first heading: it explains what came out, and so gives
  // the answer away. Its place stays: a link may lead there.
  function explanation(cell) {
    const found = [];
    let places = 0;
    for (let each = cell.nextElementSibling; each; each = each.nextElementSibling) {
      const isPlace = each.querySelector(":scope > .cell-link");
      if (each.matches(".cell, section, h1, h2, h3, h4") || (isPlace && places++)) break;
      if (!isPlace) found.push(each);
    }
    return found;
  }

  function cover(cell) {
    if (!cell || !cell.querySelector(".cell_output")) return;
    cell.classList.remove("uncovered");
    for (const each of explanation(cell)) each.classList.add("socket-hidden");
    if (cell.querySelector(".socket-cover")) return;
    const box = element("p", "socket-cover");
    const button = element("button", "", words.show);
    button.type = "button";
    button.addEventListener("click", () => {
      uncover(cell);
      focusOn(cell.querySelector(".cell_output"));
    });
    box.append(words.covered, " ", button);
    cell.append(box);
  }

  function uncover(cell) {
    if (cell) explanation(cell).forEach((each) => each.classList.remove("socket-hidden"));
    cell?.classList.add("uncovered");
    cell?.querySelector(".socket-cover")?.remove();
    if (cell) scrolling(cell);
  }

  // --- one question ---------------------------------------------------------------------------

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function focusOn(place) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }

  function card(question, number) {
    const group = element("fieldset", "");
    const legend = element("legend", "");
    const verdict = element("div", "socket-verdict");
    verdict.setAttribute("role", "status");
    legend.append(...question.querySelector("p").childNodes);
    group.append(legend);
    const cell = cellOf(question);
    const choices = [...question.querySelectorAll("ol > li")].map((item) => {
      const label = element("label", "");
      const radio = element("input", "");
      const text = item.querySelector("span");
      radio.type = "radio";
      radio.name = `question-${number}`;
      radio.autocomplete = "off"; // what was chosen is kept here, and not by the browser
      const answer = element("div", "");
      answer.append(...[...item.querySelector("details").childNodes].slice(1));
      label.append(radio, text);
      group.append(label);
      return { radio, text: text.textContent, answer };
    });
    const name = question.dataset.question;

    function answer(choice) {
      choice.radio.checked = true;
      verdict.replaceChildren(choice.answer);
      uncover(cell);
    }
    for (const choice of choices) {
      choice.radio.addEventListener("change", () => {
        answer(choice);
        keep({ ...kept(), [name]: choice.text });
      });
    }
    group.addEventListener("keydown", (event) => {
      const at = choices.findIndex(({ radio }) => radio === event.target);
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      if (step) {
        event.preventDefault();
        choices.at((at + step) % choices.length).radio.focus();
      } else if (event.key === "Enter") {
        event.preventDefault();
        event.target.click();
      }
    });
    function ask() {
      choices.forEach(({ radio }) => (radio.checked = false));
      verdict.replaceChildren();
      if (cell) cover(cell);
      const before = choices.find(({ text }) => text === kept()[name]);
      if (before) answer(before);
    }
    question.replaceChildren(group, verdict);
    question.classList.add("socket-question");
    ask();
    return { name, ask };
  }

  // --- the page -------------------------------------------------------------------------------

  function forgetting(names, after) {
    const button = element("button", "socket-forget", words.forget);
    button.type = "button";
    button.addEventListener("click", () => {
      const choices = kept();
      names.forEach((name) => delete choices[name]);
      keep(choices);
      after();
    });
    return button;
  }

  function questions() {
    const cards = [...document.querySelectorAll(".socket-asked")].map(card);
    document.querySelectorAll(".tag_covered:not(.uncovered)").forEach((cell) => {
      if (!cell.querySelector(".socket-cover")) uncover(cell); // nobody asks about it
    });
    if (cards.length === 0) return;
    const button = forgetting(cards.map(({ name }) => name), () => {
      cards.forEach(({ ask }) => ask());
      document.querySelector("fieldset input").focus();
    });
    document.querySelector("#furo-main-content").append(button);
  }

  // The map says how many questions of each lesson have been answered.
  function map() {
    const counts = [...document.querySelectorAll("[data-questions]")].map((place) => ({
      place,
      names: place.dataset.questions.split(" ").filter(Boolean),
    }));
    if (counts.length === 0) return;
    function count() {
      const choices = kept();
      for (const { place, names } of counts) {
        const made = names.filter((name) => Object.hasOwn(choices, name)).length;
        place.textContent = made ? words.made.replace("{made}", made).replace("{all}", names.length) : names.length;
      }
    }
    count();
    const forget = forgetting([], () => {
      keep({});
      count();
    });
    document.querySelector(".socket-map").append(forget);
  }

  // What is wider than the page can be scrolled with the keyboard too.
  function scrolling(part = document) {
    for (const place of part.querySelectorAll("pre, .socket-map, .text_html")) {
      if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
      else if (!place.hasAttribute("role")) place.removeAttribute("tabindex");
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    words = JSON.parse(document.getElementById("socket-words").textContent);
    questions();
    map();
    scrolling();
    addEventListener("resize", () => scrolling());
  });
})();
