// The card of one question: radio buttons, a button, and a place for the verdict.
//
// - Plain HTML controls, so that the keyboard and a screen reader know them: a fieldset whose
//   legend is the question. Arrows move between the choices, Space or Enter chooses, Escape goes
//   back to the notebook's cells.
// - A number chooses while the question's cell, or the one below it, is selected. Then the next
//   cell is selected: run, choose, run are three keys.
// - The kernel decides everything. The page only says what was chosen, and shows what it is told.
// - The verdict is a live region that is there from the beginning: a screen reader speaks what
//   comes into it.
// - A card whose kernel is gone stays readable, and says what to do. `page.js` stands before this.

const PATIENCE = 4000; // milliseconds until the learner is told that no answer comes

function isForKeys(event) {
  const { target } = event;
  const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
  return plain && target instanceof Element && !event.defaultPrevented;
}

// Whether a key that was pressed there is for this card: in the card itself, or while its cell or
// the one below is selected. Of several open cards in a cell the first one gets it.
function isFor(root, target) {
  const notebook = root.closest(".jp-Notebook");
  const cell = root.closest(".jp-Cell");
  if (!cell || !notebook?.contains(target)) return false;
  const holder = target.closest(".socket-question");
  if (holder && !holder.hasAttribute("data-over")) return holder === root;
  if (!holder && target.closest("input, textarea, select, [contenteditable=true]")) return false;
  const selected = notebook.querySelector(".jp-Cell.jp-mod-active");
  const here = selected === cell || selected === below(cell);
  return here && cell.querySelector(".socket-question:not([data-over])") === root;
}

function below(cell) {
  const cells = [...cell.closest(".jp-Notebook").querySelectorAll(".jp-Cell")];
  return cells[cells.indexOf(cell) + 1];
}

function render({ model, el }) {
  const root = element("div", "socket-question", el);
  const group = element("fieldset", "", root);
  element("legend", "", group).innerHTML = model.get("question");
  const name = `question-${Math.random().toString(36).slice(2)}`;
  const radios = model.get("choices").map((choice, index) => {
    const label = element("label", "", group);
    const radio = element("input", "", label);
    radio.type = "radio";
    radio.name = name;
    radio.addEventListener("change", () => choose(index));
    const key = element("kbd", "", label);
    key.textContent = index + 1;
    key.ariaHidden = "true"; // the name of a choice is its words
    element("span", "", label).innerHTML = choice;
    return radio;
  });
  const button = element("button", "", root);
  button.type = "button";
  const verdict = element("div", "socket-verdict", root);
  verdict.setAttribute("role", "status");
  verdict.tabIndex = -1;

  for (const each of [...radios, button, verdict]) {
    each.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the arrow keys
  }

  let waiting;
  let told = "";
  function expectAnswer() {
    clearTimeout(waiting);
    waiting = setTimeout(() => (verdict.innerHTML = told = model.get("late")), PATIENCE);
  }
  function choose(index) {
    model.set("chosen", index);
    model.save_changes();
    expectAnswer();
  }
  function update() {
    clearTimeout(waiting);
    const over = model.get("over");
    radios.forEach((radio, index) => {
      radio.checked = index === model.get("chosen");
      radio.disabled = over;
    });
    button.textContent = over ? model.get("again") : model.get("button");
    if (told !== model.get("verdict")) verdict.innerHTML = told = model.get("verdict");
    connectLinks(model, verdict);
    const focused = document.activeElement === button || radios.includes(document.activeElement);
    button.hidden = button.textContent === "";
    root.toggleAttribute("data-over", over);
    if (over && focused) verdict.focus(); // what had the focus has gone
  }
  function nobodyAnswers(before) {
    clearTimeout(waiting);
    for (const radio of radios) radio.disabled = true;
    button.hidden = true;
    root.setAttribute("data-over", "");
    if (!model.get("over")) verdict.innerHTML = model.get(before ? "of_another_day" : "gone");
  }
  button.addEventListener("click", () => {
    model.send({ do: model.get("over") ? "again" : "show" });
    expectAnswer();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && radios.includes(event.target) && !event.target.disabled) {
      event.preventDefault();
      if (!event.target.checked) {
        event.target.checked = true;
        choose(radios.indexOf(event.target));
      }
    } else if (event.key === "Escape") {
      root.closest(".jp-Notebook")?.focus();
    }
  });
  function numberKey(event) {
    const radio = radios[Number(event.key) - 1];
    if (!radio || radio.disabled || !isForKeys(event) || !isFor(root, event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // or JupyterLab makes a heading of the cell
    radio.checked = true;
    choose(radios.indexOf(radio));
    if (!model.get("goes_on")) button.focus();
    else below(root.closest(".jp-Cell"))?.focus();
  }
  // On the window, in the capturing phase: JupyterLab listens on the document.
  window.addEventListener("keydown", numberKey, true);
  model.on("change:told", update);
  update();
  const letGo = whenGone({ model, el }, nobodyAnswers);
  return () => {
    letGo();
    clearTimeout(waiting);
    window.removeEventListener("keydown", numberKey, true);
    model.off("change:told", update);
  };
}

export default { render };
