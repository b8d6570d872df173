// Texts to classes: what is typed or pasted is asked as it stands.

import { predict, predictPath } from "./api.js";
import { probabilityBars } from "./bars.js";
import { card, debounced, el, errorBox, field, latestOnly } from "./dom.js";

export function mountText(model, snippet, signal) {
  const answers = probabilityBars(model.classes);
  const error = errorBox();
  const box = el("textarea", {
    rows: 8,
    dir: "auto",
    spellcheck: "false",
    placeholder: "Type or paste a text",
    input: () => later(),
  });

  const ask = latestOnly(async () => {
    if (!box.value.trim()) {
      answers.clear();
      return;
    }
    try {
      const request = { instances: [box.value] };
      const [answer] = await predict(model.name, request, signal);
      answers.show(Array.isArray(answer) ? answer : answer.probabilities);
      error.textContent = "";
      snippet.show({ path: predictPath(model.name), json: request });
    } catch (problem) {
      if (problem.name !== "AbortError") {
        error.textContent = problem.message;
      }
    }
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
  const right = card("The model's answer", error, answers.element);
  return el("div", { class: "columns" }, left, right);
}
