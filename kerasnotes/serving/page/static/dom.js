// Building elements. Text from models goes through `textContent` only.

// Keeps the place of a line of text that is still empty.
export const BLANK = "\u00a0";

let count = 0;

// Returns a new id, for labels.
export function newId(stem = "e") {
  count += 1;
  return `${stem}-${count}`;
}

// Returns an element: `el("p", {class: "muted"}, "text", child, ...)`.
// Functions become listeners, booleans set or leave out an attribute.
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// Returns a labelled control: the label above, a hint below.
export function field(text, control, hint = "") {
  control.id ||= newId("field");
  const parts = [el("label", { for: control.id }, text), control];
  if (hint) {
    const note = el("small", { id: newId("hint"), class: "muted" }, hint);
    control.setAttribute("aria-describedby", note.id);
    parts.push(note);
  }
  return el("div", { class: "field" }, ...parts);
}

// Returns a titled part of the page.
export function card(title, ...children) {
  const heading = el("h2", { id: newId("h") }, title);
  return el(
    "section",
    { class: "card", "aria-labelledby": heading.id },
    heading,
    ...children,
  );
}

// Returns a drop-down; `choices` are pairs of value and text.
export function select(choices, chosen, changed) {
  const made = el("select", { change: changed });
  for (const [value, text] of choices) {
    made.append(el("option", { value }, text));
  }
  made.value = chosen;
  return made;
}

// Where an error is told in words; screen readers say it at once.
export function errorBox() {
  return el("p", { class: "error", role: "alert" });
}

// Returns a function that runs `work` with at most one run under way; calls
// that come meanwhile are joined into one more run.
export function latestOnly(work) {
  let running = false;
  let again = false;
  return async function run() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
}

// Returns a function that runs `work` once calls have stopped for a while.
export function debounced(work, milliseconds) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}
