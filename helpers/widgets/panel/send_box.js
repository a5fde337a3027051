// What one client sends: a text, whether byte by byte, and a button.
//
// - Enter in the text is a press of Send, and does nothing while Send is off. An Enter that ends
//   the composition of a character (Korean, Japanese, Chinese) is none.
// - The text goes with the press, in one message: what is typed meanwhile cannot overtake it. Then
//   the field is empty, for the next one.
// - Escape goes back to the notebook's cells.

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

function render({ model, el }) {
  const name = model.get("name");
  const root = element("div", "socket-send", el);
  const label = element("label", "", root);
  label.textContent = `${name} sends`;
  const field = element("div", "widget-text", root);
  const text = element("input", "", field);
  text.type = "text";
  text.placeholder = "some text";
  text.autocomplete = "off";
  label.htmlFor = text.id = `send-${Math.random().toString(36).slice(2)}`;
  const row = element("div", "socket-send-row", root);
  const choice = element("label", "", row);
  const bytewise = element("input", "", choice);
  bytewise.type = "checkbox";
  choice.append("one byte at a time");
  const send = element("button", "jupyter-button", row);
  send.type = "button";
  send.textContent = "Send";
  send.title = `${name}: send the text`;

  const readyRow = element("div", "socket-send-row", root);
  readyRow.append("Or send with one press:");
  const ready = model.get("ready").map((word) => {
    const made = element("button", "jupyter-button", readyRow);
    made.type = "button";
    made.textContent = word;
    made.title = `${name}: send ${word}`;
    made.addEventListener("click", () => model.send({ ready: word, bytewise: bytewise.checked }));
    return made;
  });

  for (const each of [text, bytewise, send, ...ready]) {
    each.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes the keys for commands
  }

  function update() {
    for (const each of [send, ...ready]) each.disabled = !model.get("on");
  }
  function press() {
    if (send.disabled) return;
    model.send({ text: text.value, bytewise: bytewise.checked });
    text.value = "";
  }
  send.addEventListener("click", press);
  text.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // the second one is Safari's
    if (event.key === "Enter" && !composing) press();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.closest(".jp-Notebook")?.focus();
  });
  // The box around all controls of this client is made by the kernel, which cannot name it.
  const placed = new ResizeObserver(() => {
    const client = root.closest(".socket-panel-client");
    client?.setAttribute("role", "group");
    client?.setAttribute("aria-label", name);
    if (client) placed.disconnect();
  });
  placed.observe(root);
  model.on("change:on", update);
  update();
  return () => {
    placed.disconnect();
    model.off("change:on", update);
  };
}

export default { render };
