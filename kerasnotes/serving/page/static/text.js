// What is typed or pasted is asked as it stands: texts to classes, and texts
// to texts.

import { asker, numbersOf } from "./asker.js";
import { probabilityBars } from "./bars.js";
import { card, debounced, el, errorBox, field } from "./dom.js";

export function mountText(model, snippet, signal) {
  const bars = probabilityBars(model.classes);
  const show = (answer) => bars.show(numbersOf(answer));
  const title = "The model's answer";
  const right = { title, element: bars.element, show, clear: bars.clear };
  return mountBox(model, snippet, signal, right);
}

export function mountTranslation(model, snippet, signal) {
  const element = el("output", { class: "translation", dir: "auto" });
  const show = (answer) => {
    element.textContent = answer;
  };
  const right = { title: "Its translation", element, show };
  return mountBox(model, snippet, signal, { ...right, clear: () => show("") });
}

//   right  what an answer is shown by: `{title, element, show, clear}`
function mountBox(model, snippet, signal, right) {
  const error = errorBox();
  const box = el("textarea", {
    rows: 8,
    dir: "auto",
    spellcheck: "false",
    placeholder: "Type or paste a text",
    input: () => later(),
  });

  const place = { model, snippet, signal, error };
  const ask = asker(place, {
    read: () => (box.value.trim() ? { instance: box.value } : null),
    show: right.show,
    clear: right.clear,
  });
  const later = debounced(ask, 150);

  const left = card(
    "One text",
    field("Text", box),
    el(
      "p",
      { class: "muted small" },
      `The first ${model.shape[0]} tokens are read.`,
    ),
  );
  const answers = card(right.title, error, right.element);
  return el("div", { class: "columns" }, left, answers);
}
