// A sequence of any length, pasted or from a file, to a class or to measured
// values.

import { asker, numbersOf } from "./asker.js";
import { probabilityBars } from "./bars.js";
import { card, el, errorBox, field, select } from "./dom.js";
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

  const place = { model, snippet, signal, error };
  const ask = asker(place, {
    read: () => left.read(signal),
    show: (answer, { instance }) => {
      rows = instance;
      draw();
      answers.show(numbersOf(answer), answer.low, answer.high);
    },
    clear: answers.clear,
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
