// A box for rows as a .csv file has them, typed, pasted or opened.

import { card, debounced, el, field } from "./dom.js";
import { fileButton } from "./files.js";
import { send } from "./api.js";

const TYPES = ".csv,.tsv,.txt,text/csv";

// Returns `{element, read}`; `read(signal)` is what the rows mean to a model,
// as the server tells, or `null` of an empty box.
//   title  over the box
//   words  below it
//   ask    called when there is something else in it
export function rowsBox(model, { title, words, ask }) {
  const later = debounced(ask, 300);
  const box = el("textarea", {
    rows: 12,
    class: "code",
    spellcheck: "false",
    placeholder: header(model),
    input: () => later(),
  });
  const open = fileButton(
    "Open a file",
    async (file) => {
      box.value = await file.text();
      ask();
    },
    TYPES,
  );

  async function read(signal) {
    if (!box.value.trim()) {
      return null;
    }
    const path = `api/models/${encodeURIComponent(model.name)}/rows`;
    const headers = { "Content-Type": "text/csv" };
    const response = await send(path, { body: box.value, headers, signal });
    return response.json();
  }

  const element = card(
    title,
    field("A header and rows, as in a .csv file", box),
    el("div", { class: "row" }, open),
    el("p", { class: "muted small" }, words),
  );
  return { element, read };
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
