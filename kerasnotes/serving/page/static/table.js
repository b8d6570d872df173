// Rows of a table to classes or measured values: a form, a field a column.

import { asker, numbersOf } from "./asker.js";
import { probabilityBars } from "./bars.js";
import { card, debounced, el, errorBox, field, newId } from "./dom.js";

export function mountTable(model, snippet, signal) {
  const [low, high] = model.limits;
  const measured = model.values.length > 0;
  const answers = measured
    ? valueList(model.values)
    : probabilityBars(model.classes);
  const error = errorBox();
  const named = (i) => model.categories[i].length > 0;
  const lists = model.categories.map((each) =>
    el(
      "datalist",
      { id: newId("categories") },
      ...each.map((text) => el("option", { value: text })),
    ),
  );
  const inputs = model.features.map((name, i) =>
    named(i) ? textInput(name, model.categories[i], i) : numberInput(name, i),
  );

  function numberInput(name, i) {
    return el("input", {
      type: "number",
      step: "any",
      inputmode: "decimal",
      name,
      // A typical row to begin with.
      value: String(Number(model.means[i].toPrecision(3))),
      input: () => later(),
    });
  }

  function textInput(name, categories, i) {
    return el("input", {
      type: "text",
      name,
      list: lists[i].id,
      value: categories[0],
      input: () => later(),
    });
  }

  // One instance: a row of numbers; with categories, the two apart.
  function instance() {
    const numeric = inputs.filter((_, i) => !named(i));
    const wrong = numeric.find(
      (input) => !Number.isFinite(input.valueAsNumber),
    );
    if (wrong) {
      wrong.setAttribute("aria-invalid", "true");
      throw new Error(`${wrong.name} needs a number.`);
    }
    inputs.forEach((input) => input.removeAttribute("aria-invalid"));
    const features = numeric.map((input) => input.valueAsNumber);
    const categories = inputs
      .filter((_, i) => named(i))
      .map((input) => input.value);
    if (categories.length === 0) {
      return features;
    }
    return features.length === 0 ? categories : { features, categories };
  }

  const place = { model, snippet, signal, error };
  const ask = asker(place, {
    read: () => ({ instance: instance() }),
    show: (answer) => answers.show(numbersOf(answer), answer.low, answer.high),
  });
  const later = debounced(ask, 150);

  // A row pasted from a spreadsheet or a CSV fills the fields from here on.
  function paste(event) {
    const text = event.clipboardData.getData("text").trim();
    const first = inputs.indexOf(event.target);
    // Texts may hold blanks: only a tab or a semicolon parts them.
    const texts = model.categories.some((each) => each.length > 0);
    const single = /^[-+]?\d+,\d+$/.test(text);
    if (single && !named(first)) {
      event.preventDefault();
      const told = "may be one number or two: write a point, or a tab between.";
      error.textContent = `${text} ${told}`;
      return;
    }
    const parts = divide(text, texts);
    const fits = parts.every(
      (part, i) => named(first + i) || Number.isFinite(+part),
    );
    if (parts.length < 2 || first + parts.length > inputs.length || !fits) {
      return;
    }
    event.preventDefault();
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
    ...lists,
    el(
      "p",
      { class: "muted small" },
      `${range}A row copied from a spreadsheet can be pasted into a field.`,
    ),
  );
  const right = card("The model's answer", error, answers.element);
  ask();
  return el("div", { class: "columns" }, left, right);
}

// The cells of a row. Where a tab or a semicolon parts them, a comma stands
// before decimals, unless there are points as well.
function divide(text, texts) {
  const parted = /[\t;]/.test(text);
  const parts = text.split(texts || parted ? /[\t;]/ : /[,\s]+/);
  const commas = parted && !text.includes(".");
  return parts.map((part) => {
    const cell = part.trim();
    return commas && /^[-+]?\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell;
  });
}

// Measured values by name. Returns `{element, show}`.
export function valueList(names) {
  const numbers = names.map(() => el("dd", { class: "verdict" }));
  const element = el(
    "dl",
    { role: "status" },
    ...names.flatMap((name, i) => [el("dt", {}, name), numbers[i]]),
  );
  const told = (value) => Number(value.toPrecision(5)).toLocaleString();
  // With its ends, where the model tells them.
  function show(values, low, high) {
    numbers.forEach((number, i) => {
      const ends = low ? ` (${told(low[i])} to ${told(high[i])})` : "";
      number.textContent = told(values[i]) + ends;
    });
  }
  return { element, show };
}
