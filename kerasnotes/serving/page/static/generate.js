// Generators: choose how, and watch the picture appear out of noise.

import { readLines, send } from "./api.js";
import { card, el, field, select } from "./dom.js";
import { drawnView } from "./drawn_view.js";
import { samplerControls, slider } from "./sampler_controls.js";

const LARGEST_SEED = 2 ** 31 - 1;
const FRAMES = 24;
const MOST_CLASSES = 20;
const GUIDANCE_HINT = "1: none. More: further towards the class.";

// Classes in turn fill whole rows of the picture; points are cheap.
function usualCount({ sampling, classes, input }) {
  if (input === "table") {
    return sampling.most;
  }
  const inTurn = sampling.conditional && classes.length <= MOST_CLASSES;
  const rows = Math.max(1, Math.round(16 / classes.length));
  return Math.min(inTurn ? rows * classes.length : 16, sampling.most);
}

function number(attributes) {
  return el("input", { type: "number", required: true, ...attributes });
}

function seedField(seed) {
  const another = () => (seed.value = Math.floor(Math.random() * 10000));
  const button = el("button", { type: "button", click: another }, "New");
  const made = field("Seed", seed);
  made.append(el("div", { class: "row tight" }, seed, button));
  return made;
}

// What a user may choose; `{fields, asked}`.
function makeControls(model) {
  const { sampling } = model;
  const most = sampling.most;
  const count = number({ min: 1, max: most, value: usualCount(model) });
  const seed = number({ min: 0, max: LARGEST_SEED, value: 0 });
  const names = model.classes.map((name, i) => [String(i), name]);
  const classes = select([["", "all, in turn"], ...names], "");
  const bounds = { min: 0, max: 8, step: 0.5, value: 1 };
  const guidance = slider("Guidance", bounds, GUIDANCE_HINT);
  const sampler = samplerControls(sampling);

  function asked() {
    const given = {
      count: count.valueAsNumber,
      seed: seed.valueAsNumber,
      ...sampler.asked(),
    };
    if (classes.value) {
      given.class = Number(classes.value);
    }
    if (guidance.input.valueAsNumber !== 1) {
      given.guidance = guidance.input.valueAsNumber;
    }
    return given;
  }

  const fields = [
    field("How many", count),
    seedField(seed),
    sampling.conditional ? field("Class", classes) : null,
    ...sampler.fields,
    sampling.guidance ? guidance.element : null,
  ];
  return { fields, asked };
}

export function mountGenerate(model, snippet, signal) {
  const path = `api/models/${encodeURIComponent(model.name)}/sample`;
  const controls = makeControls(model);
  const view = drawnView(model);
  let running = null;

  async function follow(asked, given) {
    let last = null;
    const json = { ...asked, frames: FRAMES };
    const response = await send(path, { json, signal: given });
    for await (const state of readLines(response)) {
      view.take(state);
      last = state.event;
    }
    if (last !== "done") {
      throw new Error("The server broke off before the picture was done.");
    }
  }

  async function draw() {
    running?.abort();
    const mine = (running = new AbortController());
    const asked = controls.asked();
    snippet.show({ path, json: asked, stream: true });
    view.begin();
    stop.disabled = false;
    try {
      await follow(asked, AbortSignal.any([mine.signal, signal]));
    } catch (problem) {
      if (mine === running) {
        view.fail(problem);
      }
    }
    if (mine === running) {
      running = null;
      stop.disabled = true;
    }
  }

  function submit(event) {
    event.preventDefault();
    view.bringIntoView();
    draw();
  }

  const start = el("button", { type: "submit", class: "primary" }, "Draw");
  const abort = () => running?.abort();
  const halt = { type: "button", disabled: true, click: abort };
  const stop = el("button", halt, "Stop");
  const form = el(
    "form",
    { submit },
    el("div", { class: "grid" }, ...controls.fields.filter(Boolean)),
    el("div", { class: "row" }, start, stop),
  );
  if (model.sampling.samplers.length) {
    // Many network calls: not without being asked for.
    view.say("Press Draw, and it appears out of noise.");
  } else {
    draw();
  }
  const left = card("How to draw", form);
  return el("div", { class: "columns" }, left, view.element);
}
