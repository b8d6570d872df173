// The page: which models there are, and the surface of the chosen one.

import { getJson, onKeyWanted, setKey } from "./api.js";
import { mountClassify } from "./classify.js";
import { card, el } from "./dom.js";
import { mountEditor } from "./editor.js";
import { mountGenerate } from "./generate.js";
import { mountSegment } from "./segment.js";
import { mountSequence } from "./sequence.js";
import { mountSeries } from "./series.js";
import { snippetCard } from "./snippet.js";
import { mountTable } from "./table.js";
import { mountText, mountTranslation } from "./text.js";

const SURFACES = {
  image: mountClassify,
  sequence: mountSequence,
  series: mountSeries,
  table: mountTable,
  text: mountText,
  translation: mountTranslation,
  segmentation: mountSegment,
  generator: mountGenerate,
  json: mountEditor,
};

const main = document.getElementById("main");
const nav = document.getElementById("models");
const form = document.getElementById("key-form");
let models = [];
let leaving = new AbortController();

function chosenName() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function showNav(current) {
  nav.hidden = models.length < 2;
  nav.replaceChildren(
    ...models.map((model) =>
      el(
        "a",
        {
          href: `#${encodeURIComponent(model.name)}`,
          "aria-current": model === current ? "page" : null,
          class: model.error ? "failed" : null,
        },
        model.name,
      ),
    ),
  );
  nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

// What is told first of all that was measured.
const TELLING = [
  "accuracy",
  "mean_iou",
  "macro_f1",
  "exact_match",
  "bleu",
  "chrf",
  "ece",
  "bits_per_dim",
  "negative_elbo",
  "frechet_pixels",
  "precision",
  "recall",
];

function metricsLine(metrics) {
  const known = TELLING.filter((name) => name in metrics).slice(0, 4);
  // Of measured values, one error each; those to compare with stay out.
  const errors = Object.keys(metrics).filter(
    (name) => /^(r2$|rmse)/.test(name) && !/_(ridge|constant)$/.test(name),
  );
  const some = errors.length ? errors : Object.keys(metrics).slice(0, 4);
  const names = known.length ? known : some.slice(0, 8);
  const shown = names.map((name) => [name, metrics[name]]);
  if (!shown.length) {
    return null;
  }
  const parts = shown.map(
    ([name, value]) => `${name.replaceAll("_", " ")} ${value.toPrecision(3)}`,
  );
  return el(
    "p",
    { class: "muted small" },
    `Measured on its test part: ${parts.join(", ")}`,
  );
}

function heading(model) {
  const version =
    model.version === undefined
      ? null
      : el("span", { class: "chip" }, `version ${model.version}`);
  return el(
    "div",
    { class: "title" },
    el("h1", {}, model.name, " ", version ?? ""),
    model.summary ? el("p", {}, model.summary) : null,
    metricsLine(model.metrics ?? {}),
  );
}

function unavailable(model) {
  return card(
    "This model does not answer",
    el("p", { class: "error" }, model.error),
    el(
      "p",
      { class: "muted" },
      "The server looks for a version that works; reload the page to see.",
    ),
  );
}

function show(focus = false) {
  leaving.abort();
  leaving = new AbortController();
  const wanted = chosenName();
  const model = models.find((each) => each.name === wanted) ?? models[0];
  showNav(model);
  if (!model) {
    main.replaceChildren(el("p", {}, "This server has no models."));
    return;
  }
  document.title = `${model.name} · kerasnotes playground`;
  const snippet = snippetCard();
  const mount = SURFACES[model.surface];
  const parts = mount
    ? [mount(model, snippet, leaving.signal), snippet.element]
    : [unavailable(model)];
  main.replaceChildren(heading(model), ...parts);
  if (focus) {
    main.focus();
    scrollTo(0, 0);
  }
}

async function load() {
  try {
    models = (await getJson("api/models")).models;
    form.hidden = true;
    show();
  } catch (problem) {
    if (problem.status === 401) {
      main.replaceChildren();
      return;
    }
    main.replaceChildren(
      el("p", { class: "error", role: "alert" }, problem.message),
      el("button", { type: "button", click: load }, "Try again"),
    );
  }
}

onKeyWanted((message) => {
  form.hidden = false;
  document.getElementById("key-error").textContent = message;
  document.getElementById("key").focus();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(document.getElementById("key").value.trim());
  load();
});
addEventListener("hashchange", () => show(true));
load();
