// Forecasts: rows that are pasted, or a file, to the rows that follow.

import { asker } from "./asker.js";
import { card, el, errorBox, field, select } from "./dom.js";
import { lineChart, shortNumber } from "./lines.js";
import { rowsBox } from "./rows.js";

export function mountSeries(model, snippet, signal) {
  const error = errorBox();
  const chart = lineChart();
  const body = el("tbody");
  let shown = null;
  const chooser = select(
    model.forecast.map((_, i) => [i, model.values[i]]),
    0,
    () => shown && draw(),
  );

  const place = { model, snippet, signal, error };
  const ask = asker(place, {
    read: () => left.read(signal),
    show: (rows, read) => {
      shown = { ...read, rows };
      draw();
    },
  });

  function draw() {
    const k = Number(chooser.value);
    const column = model.features.indexOf(model.forecast[k]);
    const forecast = shown.rows.map((row) => row[k]);
    const ends = ({ low, high }) => [low, high];
    const [low, high] = ends(model.bands[k]).map((shifts) =>
      shifts.map((shift, i) => forecast[i] + shift),
    );
    chart.show({
      past: shown.past.map((row) => row[column]),
      forecast,
      low,
      high,
      title: model.values[k],
    });
    body.replaceChildren(
      ...forecast.map((value, i) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, shown.times[i] ?? `+${i + 1}`),
          el("td", {}, shortNumber(value)),
          el("td", {}, low.length ? shortNumber(low[i]) : ""),
          el("td", {}, low.length ? shortNumber(high[i]) : ""),
        ),
      ),
    );
  }

  const planned = model.planned.length
    ? ` Below them ${model.horizon} more, with nothing but ${model.planned.join(", ")}.`
    : "";
  const several = model.forecast.length > 1;
  const left = rowsBox(model, {
    title: "Rows to go on from",
    words: `The last ${model.shape[0]} rows are read.${planned}`,
    ask,
  });
  const heads = ["", "forecast", "low", "high"];
  const right = card(
    `The next ${model.horizon} rows`,
    error,
    several ? field("Column", chooser) : null,
    chart.element,
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Forecast" },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", {}, h)))),
        body,
      ),
    ),
  );
  return el("div", { class: "columns" }, left.element, right);
}
