// Forecasts: rows that are pasted, or a file, to the rows that follow.

import { predict, predictPath, send } from "./api.js";
import { card, debounced, el, errorBox, field, latestOnly, select } from "./dom.js";
import { fileButton } from "./files.js";
import { lineChart, shortNumber } from "./lines.js";

const TYPES = ".csv,.tsv,.txt,text/csv";

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
  const box = el("textarea", {
    rows: 12,
    class: "code",
    spellcheck: "false",
    placeholder: header(model),
    input: () => later(),
  });

  const ask = latestOnly(async () => {
    if (!box.value.trim()) {
      return;
    }
    try {
      const path = `api/models/${encodeURIComponent(model.name)}/rows`;
      const headers = { "Content-Type": "text/csv" };
      const response = await send(path, { body: box.value, headers, signal });
      const read = await response.json();
      const request = { instances: [read.instance] };
      const [rows] = await predict(model.name, request, signal);
      shown = { ...read, rows };
      draw();
      error.textContent = "";
      snippet.show({ path: predictPath(model.name), json: request });
    } catch (problem) {
      if (problem.name !== "AbortError") {
        error.textContent = problem.message;
      }
    }
  });
  const later = debounced(ask, 300);

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

  const open = fileButton(
    "Open a file",
    async (file) => {
      box.value = await file.text();
      ask();
    },
    TYPES,
  );
  const planned = model.planned.length
    ? ` Below them ${model.horizon} more, with nothing but ${model.planned.join(", ")}.`
    : "";
  const several = model.forecast.length > 1;
  const left = card(
    "Rows to go on from",
    field("A header and rows, as in a .csv file", box),
    el("div", { class: "row" }, open),
    el(
      "p",
      { class: "muted small" },
      `The last ${model.shape[0]} rows are read.${planned}`,
    ),
  );
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
  return el("div", { class: "columns" }, left, right);
}

// The first lines of what is asked for.
function header(model) {
  const names = [...(model.time ? [model.time] : []), ...model.features];
  const row = model.features.map((_, i) =>
    String(Number(model.means[i].toPrecision(3))),
  );
  const time = model.time ? ["2026-01-31 00:00"] : [];
  return [names.join(","), [...time, ...row].join(","), "..."].join("\n");
}
