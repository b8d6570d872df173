// Rows of a table to classes: a form with a field for each column.

import { predict, predictPath } from "./api.js";
import { probabilityBars } from "./bars.js";
import { card, debounced, el, errorBox, field, latestOnly } from "./dom.js";

export function mountTable(model, snippet, signal) {
  const [low, high] = model.limits;
  const bars = probabilityBars(model.classes);
  const error = errorBox();
  const inputs = model.features.map((name, i) =>
    el("input", {
      type: "number",
      step: "any",
      inputmode: "decimal",
      name,
      // A typical row to begin with.
      value: String(Number(model.means[i].toPrecision(3))),
      input: () => later(),
    }),
  );

  function values() {
    const wrong = inputs.find((input) => !Number.isFinite(input.valueAsNumber));
    if (wrong) {
      wrong.setAttribute("aria-invalid", "true");
      throw new Error(`${wrong.name} needs a number.`);
    }
    inputs.forEach((input) => input.removeAttribute("aria-invalid"));
    return inputs.map((input) => input.valueAsNumber);
  }

  const ask = latestOnly(async () => {
    try {
      const request = { instances: [values()] };
      const [answer] = await predict(model.name, request, signal);
      bars.show(answer.probabilities ?? answer);
      error.textContent = "";
      snippet.show({ path: predictPath(model.name), json: request });
    } catch (problem) {
      if (problem.name !== "AbortError") {
        error.textContent = problem.message;
      }
    }
  });
  const later = debounced(ask, 150);

  // A row pasted from a spreadsheet or a CSV fills the fields from here on.
  function paste(event) {
    const text = event.clipboardData.getData("text").trim();
    const parts = text.split(/[\t;,\s]+/);
    if (parts.length < 2 || parts.some((part) => !Number.isFinite(+part))) {
      return;
    }
    event.preventDefault();
    const first = inputs.indexOf(event.target);
    parts.forEach((part, i) => {
      if (inputs[first + i]) {
        inputs[first + i].value = part;
      }
    });
    ask();
  }

  const range =
    low !== 0 || high !== 1 ? `Values seen: ${low} to ${high}. ` : "";
  const left = card(
    "One row",
    el(
      "div",
      { class: "grid", paste },
      ...inputs.map((input, i) => field(model.features[i], input)),
    ),
    el(
      "p",
      { class: "muted small" },
      `${range}A row copied from a spreadsheet can be pasted into a field.`,
    ),
  );
  const right = card("The model's answer", error, bars.element);
  ask();
  return el("div", { class: "columns" }, left, right);
}
