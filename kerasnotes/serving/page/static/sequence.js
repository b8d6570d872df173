// A sequence of any length, pasted or from a file, to a class or to measured
// values.

import { predict, predictPath } from "./api.js";
import { probabilityBars } from "./bars.js";
import { card, el, errorBox, field, latestOnly, select } from "./dom.js";
import { lineChart } from "./lines.js";
import { rowsBox } from "./rows.js";
import { valueList } from "./table.js";

export function mountSequence(model, snippet, signal) {
  const error = errorBox();
  const chart = lineChart();
  const measured = model.values.length > 0;
  const answers = measured
    ? valueList(model.values)
    : probabilityBars(model.classes);
  let rows = null;
  const chooser = select(
    model.features.map((name, i) => [i, name]),
    0,
    () => rows && draw(),
  );

  function draw() {
    const column = Number(chooser.value);
    const past = rows.map((row) => row[column]);
    const title = model.features[column];
    chart.show({ past, forecast: [], low: [], high: [], title });
  }

  const ask = latestOnly(async () => {
    try {
      const read = await left.read(signal);
      if (!read) {
        answers.clear?.();
        return;
      }
      const request = { instances: [read.instance] };
      const [answer] = await predict(model.name, request, signal);
      const numbers = Array.isArray(answer)
        ? answer
        : (answer.probabilities ?? answer.values);
      rows = read.instance;
      draw();
      answers.show(numbers, answer.low, answer.high);
      error.textContent = "";
      snippet.show({ path: predictPath(model.name), json: request });
    } catch (problem) {
      if (problem.name !== "AbortError") {
        error.textContent = problem.message;
      }
    }
  });

  const left = rowsBox(model, {
    title: "One sequence",
    words: model.varied
      ? `Any number of rows; those of training had up to ${model.shape[0]}.`
      : `${model.shape[0]} rows.`,
    ask,
  });
  const right = card(
    "The model's answer",
    error,
    answers.element,
    model.features.length > 1 ? field("Column", chooser) : null,
    chart.element,
  );
  return el("div", { class: "columns" }, left.element, right);
}
