// The panel: controls of up to three clients, and views of their server.
//
// - One model has all of it: a page has everything of a panel, or nothing.
// - A press is a message, and what is shown comes from the kernel. What a client sends goes with the
//   press: what is typed meanwhile cannot overtake it. Then the field is empty, for the next one.
// - Enter in the text is a press of Send, and does nothing while Send is off. An Enter that ends
//   the composition of a character (Korean, Japanese, Chinese) is none.
// - Escape goes back to the notebook's cells.
// - A panel whose kernel is gone says so. `page.js` and `changing.js` stand before this.

function button(parent, word, title, press) {
  const made = element("button", "", parent);
  made.type = "button";
  made.textContent = word;
  made.title = title;
  made.addEventListener("click", press);
  return made;
}

function tickBox(parent, word) {
  const label = element("label", "", parent);
  const box = element("input", "", label);
  box.type = "checkbox";
  label.append(word);
  return box;
}

// The text that one client sends, and the ways to send it. Returns the buttons.
function sendBox(parent, name, { words, ready }, tell) {
  const root = element("div", "socket-send", parent);
  const label = element("label", "", root);
  label.textContent = fill(words.sends, { name });
  const text = element("input", "", root);
  text.type = "text";
  text.placeholder = words["some text"];
  text.autocomplete = "off";
  label.htmlFor = text.id = `send-${Math.random().toString(36).slice(2)}`;
  const row = element("div", "socket-row", root);
  const bytewise = tickBox(row, words["one by one"]);
  const send = button(row, words.send, fill(words["send title"], { name }), press);
  function press() {
    if (send.disabled) return;
    tell({ do: "send", text: text.value, bytewise: bytewise.checked });
    text.value = "";
  }
  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // the second one is Safari's
    if (event.key === "Enter" && !composing) press();
  });
  const readyRow = element("div", "socket-row", root);
  readyRow.append(words.ready);
  const others = ready.map((what) =>
    button(readyRow, what, fill(words["ready title"], { name, what }), () =>
      tell({ do: "send", ready: what, bytewise: bytewise.checked }),
    ),
  );
  return [send, ...others];
}

// One client. Returns what shows it as it is now.
function clientBox(parent, number, state, shared, tell) {
  const { words } = shared;
  const { name } = state;
  const root = element("div", "socket-panel-client", parent);
  root.setAttribute("role", "group");
  root.ariaLabel = name;
  const status = changing(element("div", "", root));
  const tellOf = (what) => tell({ ...what, client: number });
  const press = (row, what) =>
    button(row, words[what], `${name}: ${words[`${what} title`]}`, () => tellOf({ do: what }));
  const connect = press(element("div", "socket-row", root), "connect");
  const sends = sendBox(root, name, shared, tellOf);
  const row = element("div", "socket-row", root);
  const ends = ["half-close", "close", "reset"].map((what) => [what, press(row, what)]);
  const received = changing(element("div", "", root), "pre");
  const buttons = [["connect", connect], ...sends.map((each) => ["send", each]), ...ends];
  return (now, shown) => {
    root.hidden = !shown;
    status(now.status);
    received(now.received);
    for (const [what, made] of buttons) made.disabled = !now.on.includes(what);
  };
}

// One view. Returns what shows it as it is now.
function viewBox(parent, { name, text }, { words }, tell) {
  if (!text) {
    const place = changing(element("div", "", parent));
    return (now) => place(now.html);
  }
  const row = element("div", "socket-row", parent);
  const lower = { name: name.toLowerCase() };
  button(row, fill(words.anew, lower), words["anew title"], () => tell({ do: "anew" }));
  const asText = tickBox(row, fill(words["as text"], lower));
  const places = [element("div", "socket-tall", parent), element("div", "socket-tall", parent)];
  const [picture, characters] = [changing(places[0], "div"), changing(places[1], "pre")];
  function choose() {
    places[0].hidden = asText.checked;
    places[1].hidden = !asText.checked;
  }
  asText.addEventListener("change", choose);
  choose();
  return (now) => {
    picture(now.html);
    characters(now.text);
  };
}

function render({ model, el }) {
  const shared = { words: model.get("words"), ready: model.get("ready") };
  const { words } = shared;
  let gone = false; // the kernel
  const tell = (what) => gone || model.send(what);
  const root = element("div", "socket-panel", el);
  const lost = element("div", "socket-panel-lost", root);
  lost.setAttribute("role", "status");
  const over = changing(element("div", "", root));
  const again = button(root, words.start, "", () => tell({ do: "start" }));
  const cockpit = element("div", "socket-cockpit", root);
  const controls = element("div", "socket-controls", cockpit);
  const views = element("div", "socket-views", cockpit);
  const row = element("div", "socket-clients", controls);
  const clients = model
    .get("clients")
    .map((state, number) => clientBox(row, number, state, shared, tell));
  const moreRow = element("div", "socket-row", controls);
  const count = clients.length;
  const mostTitle = fill(words["another title"], { count });
  const more = button(moreRow, words.another, mostTitle, () => tell({ do: "another" }));
  const whyNot = element("span", "", moreRow);
  const shown = model.get("views").map((view) => viewBox(views, view, shared, tell));

  function update() {
    over(model.get("over"));
    again.hidden = !model.get("can_start_again");
    const states = model.get("clients");
    const visible = model.get("shown");
    clients.forEach((show, number) => show(states[number], number < visible));
    more.disabled = !model.get("more");
    whyNot.textContent = visible === count ? fill(words["no more"], { count }) : "";
    model.get("views").forEach((view, number) => shown[number]?.(view));
    if (gone) switchOff();
  }
  function switchOff() {
    for (const each of root.querySelectorAll("button")) each.disabled = true;
    for (const each of root.querySelectorAll(".socket-controls input")) each.disabled = true;
  }
  function nobodyAnswers(before) {
    gone = true;
    lost.innerHTML = before ? words["of another day"] : words.gone;
    switchOff();
  }
  for (const each of root.querySelectorAll("button, input")) {
    each.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the keys for commands
  }
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.closest(".jp-Notebook")?.focus();
  });
  model.on("change", update);
  update();
  const letGo = whenGone({ model, el }, nobodyAnswers);
  return () => {
    letGo();
    model.off("change", update);
  };
}

export default { render };
