// HTML that changes while somebody reads it.
//
// What stays the same stays in its place: only the text, the attributes and the elements that
// differ are changed. So the focus and the scroll of a long line stay where they are, and a
// status that was there before is read out when its words change.

function patch(shown, wanted) {
  const before = [...shown.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((next, place) => {
    const old = before[place];
    if (!old) shown.append(next);
    else if (old.nodeName !== next.nodeName) old.replaceWith(next);
    else if (next instanceof Element) {
      for (const name of old.getAttributeNames()) {
        if (!next.hasAttribute(name)) old.removeAttribute(name);
      }
      for (const name of next.getAttributeNames()) {
        const value = next.getAttribute(name);
        if (old.getAttribute(name) !== value) old.setAttribute(name, value);
      }
      patch(old, next);
    } else if (old.data !== next.data) old.data = next.data;
  });
  before.slice(after.length).forEach((each) => each.remove());
}

const NEAR = 40; // pixels from the end at which a reader still reads the end

// Returns what shows HTML in `place`: whoever makes it escapes what is not his own. The first element
// that `follows` names (a CSS selector) stays scrolled to its end while more comes, unless the
// reader has scrolled away from there.
function changing(place, follows) {
  const scroller = () => follows && place.querySelector(follows);
  let atEnd = true;
  let last;
  function toEnd() {
    const box = scroller();
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  }
  function whereTheReaderIs() {
    const box = scroller();
    if (box?.clientHeight) atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  }
  // A picture has its height when it is drawn, and nothing has one while it is not shown.
  place.addEventListener("load", toEnd, true);
  place.addEventListener("scroll", whereTheReaderIs, true); // or a load would take the reader back
  new ResizeObserver(toEnd).observe(place);
  return (html) => {
    if (html === last) return;
    last = html;
    whereTheReaderIs();
    const wanted = document.createElement("template");
    wanted.innerHTML = html;
    patch(place, wanted.content);
    toEnd();
  };
}
