// The card of a report: what it says, the peers as a row, and buttons that show more.
//
// - Everything is in the page from the start. The kernel is only told which hints were read, as long
//   as it is there: `page.js` stands before this.
// - What a button shows stands in a live region: a screen reader speaks it. The focus stays on the
//   button.

function peersRow(model, root) {
  const words = model.get("words");
  const row = element("ol", "socket-peers", root);
  row.ariaLabel = words.peers;
  model.get("peers").forEach(([sign, said, peer], index) => {
    const item = element("li", "", row);
    item.title = `${fill(words.peer, { number: index + 1 })}: ${peer}`;
    item.dataset.sign = sign;
    const mark = element("span", "", item);
    mark.textContent = sign;
    mark.ariaHidden = "true";
    element("span", "socket-said", item).textContent = `${item.title} ${said}`;
  });
}

function render({ model, el }) {
  const words = model.get("words");
  const root = element("div", "socket-check", el);
  root.dataset.outcome = model.get("outcome");
  root.setAttribute("role", "group");
  const head = element("p", "socket-head", root);
  head.innerHTML = model.get("head");
  root.ariaLabel = head.textContent;
  if (model.get("peers").length) peersRow(model, root);
  const body = element("div", "", root);
  body.innerHTML = model.get("body");
  connectLinks(model, body);

  const buttons = element("div", "socket-buttons", root);
  const shown = element("div", "", root);
  shown.setAttribute("role", "status");
  function button(text, press) {
    const made = element("button", "", buttons);
    made.type = "button";
    made.textContent = text;
    made.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the keys for commands
    made.addEventListener("click", () => press(made));
    return made;
  }

  let gone = false; // the kernel
  const forget = whenGone({ model, el }, () => (gone = true));
  const hints = model.get("hints");
  let given = model.get("given");
  const read = element("ol", "socket-hints", shown);
  function showHints(count) {
    while (read.children.length < count) {
      element("li", "", read).innerHTML = hints[read.children.length];
    }
    read.hidden = !count;
  }
  function nameHint(made) {
    const number = given + 1;
    const over = number > hints.length;
    made.textContent = over ? words["no more"] : fill(words.hint, { number, count: hints.length });
    made.ariaDisabled = String(over); // not `disabled`: what has the focus would lose it
  }
  showHints(0);
  if (hints.length) {
    const made = button("", () => {
      if (given >= hints.length) return showHints(hints.length);
      given += 1;
      if (!gone) {
        model.set("given", given);
        model.save_changes();
      }
      showHints(given);
      nameHint(made);
    });
    nameHint(made);
    if (given) showHints(given);
  }
  for (const name of ["calls", "solution"]) {
    if (!model.get(name)) continue;
    const place = element("div", "", shown);
    place.hidden = true;
    const made = button(words[name], () => {
      if (place.hidden) place.innerHTML = model.get(name);
      else place.replaceChildren();
      place.hidden = !place.hidden;
      made.ariaExpanded = String(!place.hidden);
    });
    made.ariaExpanded = "false";
  }
  buttons.hidden = !buttons.children.length;
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.closest(".jp-Notebook")?.focus();
  });
  return forget;
}

export default { render };
