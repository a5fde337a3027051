// What the cards share: their elements, whether their kernel still lives, and links to other lessons.

const ENDED = ["restarting", "autorestarting", "terminating", "dead"];

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

// The text, with a value in place of each `{key}`.
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

// Calls `tell` once when the kernel that made this view is gone. `tell(true)`: it was gone before
// the page showed the view, as in a notebook that is opened on another day.
function whenGone({ model, el }, tell) {
  const { context } = model.widget_manager ?? {};
  const session = context?.sessionContext;
  let over = false;
  function gone(before) {
    if (over) return;
    over = true;
    tell(before);
  }
  const now = () => gone(false);
  const status = (_, word) => ENDED.includes(word) && now();
  const other = (_, { oldValue }) => oldValue && now();
  model.on("comm_live_update", now);
  session?.statusChanged.connect(status);
  session?.kernelChanged.connect(other);
  // ipywidgets marks a view whose model came from the file and not from a kernel.
  if (el.closest(".jupyter-widgets-disconnected")) {
    gone(true);
    stayClean(model.widget_manager);
  }
  return () => {
    model.off("comm_live_update", now);
    session?.statusChanged.disconnect(status);
    session?.kernelChanged.disconnect(other);
  };
}

// A widget that is read from the notebook counts as a change of it (`setDirty` in
// jupyterlab-manager): JupyterLab would ask whether to save what nobody has touched.
function stayClean(manager) {
  function clean() {
    manager.restored?.disconnect(clean);
    const { model } = manager.context;
    if (!model.sharedModel?.canUndo()) model.dirty = false;
  }
  if (!manager.context) return;
  if (manager.restoredStatus) clean();
  else manager.restored?.connect(clean);
}

// A link in a widget would lead the whole page away from JupyterLab. One to another lesson opens
// it there, as a link in a cell's text does; one to elsewhere opens a tab.
function connectLinks({ widget_manager: manager }, node) {
  const handler = manager?.rendermime?.linkHandler;
  const resolver = manager?.context?.urlResolver;
  for (const link of node.querySelectorAll("a[href]")) {
    const [path, id] = link.getAttribute("href").split("#");
    if (/^[a-z][a-z0-9+.-]*:/i.test(path)) {
      link.target = "_blank";
      link.rel = "noopener";
    } else if (handler && resolver && path) {
      void resolver
        .resolveUrl(path)
        .then((found) => handler.handleLink(link, decodeURIComponent(found), id ? `#${id}` : ""));
    }
  }
}
