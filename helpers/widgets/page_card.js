// HTML whose links open lessons in JupyterLab. `page.js` stands before this.

function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "socket-page jp-RenderedHTMLCommon";
  el.append(root);
  function update() {
    root.innerHTML = model.get("value");
    connectLinks(model, root);
  }
  model.on("change:value", update);
  update();
  const letGo = whenGone({ model, el }, () => {}); // what it shows stays true
  return () => {
    letGo();
    model.off("change:value", update);
  };
}

export default { render };
