// Images to classes: draw, upload or paste; the answer follows live.

import { predict, predictFile, predictPath } from "./api.js";
import { doubtView, probabilityBars } from "./bars.js";
import { BLANK, card, el, errorBox, latestOnly } from "./dom.js";
import { acceptFiles, decode, fileButton } from "./files.js";
import { DrawingPad } from "./pad.js";
import { paint, render, toBase64, toPng, toValues } from "./pixels.js";

// Larger inputs are sent as PNG: as numbers they would be slow.
const MOST_NUMBERS = 64 * 64 * 3;

// Returns a function from a picture to the body of a request, and whether it
// asks for doubt as well.
function requestFor(model, seen) {
  const numbers = model.shape.reduce((product, side) => product * side, 1);
  const asPng = numbers > MOST_NUMBERS && model.encoded;
  const doubtful = model.uncertainty && !asPng;
  async function make(pixels) {
    if (asPng) {
      const b64 = await toBase64(await toPng(seen));
      const image = { image_bytes: { b64 } };
      return { signature_name: "encoded_image", instances: [image] };
    }
    const named = doubtful ? { signature_name: "uncertainty" } : {};
    return { ...named, instances: [toValues(pixels, model)] };
  }
  return { make, doubtful };
}

// The part of the page that shows answers.
function answerView(model, doubtful) {
  const bars = probabilityBars(model.classes);
  const doubt = doubtful ? doubtView(model.classes.length) : null;
  const error = errorBox();
  const timing = el("p", { class: "muted small" }, BLANK);

  function clear() {
    bars.clear("Draw something.");
    doubt?.clear();
    error.textContent = "";
    timing.textContent = BLANK;
  }

  function show(answer, milliseconds) {
    bars.show(answer.probabilities ?? answer);
    doubt?.show(answer);
    error.textContent = "";
    timing.textContent = `Answered in ${milliseconds.toFixed(0)} ms`;
  }

  const parts = [error, bars.element, doubt?.element ?? null, timing];
  return { element: card("The model's answer", ...parts), show, clear, error };
}

// The part of the page to draw on.
function inputView(pad, seen, load, fileError) {
  const size = `What the model sees: ${seen.width} × ${seen.height}`;
  return card(
    "Draw, or bring a picture",
    pad.element,
    pad.said,
    fileError,
    el(
      "div",
      { class: "row spread" },
      pad.buttons,
      fileButton("Picture …", load),
    ),
    pad.hint,
    el(
      "div",
      { class: "row" },
      seen,
      el("span", { class: "muted small" }, size),
    ),
  );
}

export function mountClassify(model, snippet, signal) {
  const [height, width] = model.shape;
  const seen = el("canvas", {
    class: "seen",
    width,
    height,
    role: "img",
    "aria-label": "What the model sees",
  });
  const request = requestFor(model, seen);
  const view = answerView(model, request.doubtful);
  const fileError = errorBox();
  let brought = null;

  // A picture as it came goes to the server as its file, which is read there
  // as in training; a browser decodes and resizes in a way of its own. Doubt
  // is only told of numbers.
  async function askFor(pixels) {
    const { image, strokes } = pad.drawing;
    if (image && !strokes.length && !request.doubtful) {
      const type = brought.type.startsWith("image/") ? brought.type : "image/png";
      const file = { name: brought.name || "picture.png", type };
      const ask = () => predictFile(model.name, brought, type, signal);
      return { ask, shown: { file } };
    }
    const json = await request.make(pixels);
    return { ask: () => predict(model.name, json, signal), shown: { json } };
  }

  const ask = latestOnly(async () => {
    if (pad.isEmpty) {
      seen.getContext("2d").clearRect(0, 0, width, height);
      view.clear();
      return;
    }
    try {
      const pixels = render(pad.drawing, height, width);
      paint(seen, pixels, height, width);
      const { ask, shown } = await askFor(pixels);
      const started = performance.now();
      const [answer] = await ask();
      if (!pad.isEmpty) {
        view.show(answer, performance.now() - started);
        snippet.show({ path: predictPath(model.name), ...shown });
      }
    } catch (problem) {
      if (problem.name !== "AbortError") {
        view.error.textContent = problem.message;
      }
    }
  });

  async function load(file) {
    try {
      const image = await decode(file);
      brought = file;
      pad.setImage(image);
      fileError.textContent = "";
    } catch (problem) {
      fileError.textContent = problem.message;
    }
  }

  const pad = new DrawingPad(ask, "Drawing pad");
  const left = inputView(pad, seen, load, fileError);
  acceptFiles(left, load, signal);
  ask();
  return el("div", { class: "columns" }, left, view.element);
}
