// Images to masks: drop an image, see its mask laid over it.

import { predictPath, send } from "./api.js";
import { BLANK, card, el, errorBox, latestOnly } from "./dom.js";
import { acceptFiles, decode, fileButton } from "./files.js";
import { maskView } from "./mask_view.js";
import { DrawingPad } from "./pad.js";
import { drawStrokes, toPng } from "./pixels.js";

const LARGEST = 1024;
// Side of a drawn image, where the model was trained on various sizes.
const SKETCH = 256;
const PEN = 0.04;
const TYPE = "image/png";

// Returns a file as the server takes it: {blob, name, image, type, redrawn}.
// It goes as it is, to be read as in training; only large pictures are
// redrawn.
async function prepare(file) {
  const image = await decode(file);
  const name = file.name || "image.png";
  const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
  if (scale === 1) {
    const type = file.type.startsWith("image/") ? file.type : TYPE;
    return { blob: file, name, image, type, redrawn: false };
  }
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const canvas = el("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  const stem = name.replace(/\.[^.]*$/, "");
  const blob = await toPng(canvas);
  const drawn = { blob, name: `${stem}.png`, image: canvas, type: TYPE };
  return { ...drawn, redrawn: true };
}

// Returns strokes as an image of their own.
async function sketch(strokes, side) {
  const canvas = el("canvas", { width: side, height: side });
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, side, side);
  drawStrokes(context, strokes, PEN * side, ([x, y]) => [x * side, y * side]);
  const blob = await toPng(canvas);
  const drawn = { blob, name: "sketch.png", image: canvas, type: TYPE };
  return { ...drawn, redrawn: false };
}

function inputView(pad, load, fileError) {
  return card(
    "Bring an image",
    el(
      "div",
      { class: "drop" },
      el("p", {}, "Drop or paste an image here, or"),
      fileButton("Choose an image", load),
      fileError,
    ),
    el(
      "details",
      {},
      el("summary", {}, "No image at hand? Draw one"),
      pad.element,
      pad.said,
      pad.buttons,
      pad.hint,
    ),
  );
}

export function mountSegment(model, snippet, signal) {
  const side = Math.min(512, Math.max(32, model.shape[0] ?? SKETCH));
  const path = predictPath(model.name);
  const [error, fileError] = [errorBox(), errorBox()];
  const said = el("p", { class: "muted small", role: "status" }, BLANK);
  const view = maskView(model.classes);
  let waiting = null;

  async function answer({ blob, name, image, type, redrawn }) {
    const started = performance.now();
    const headers = { "Content-Type": type, Accept: TYPE };
    const response = await send(path, { body: blob, headers, signal });
    const mask = await response.blob();
    const taken = performance.now() - started;
    await view.show(image, mask);
    const size = `${image.width} × ${image.height} pixels`;
    const how = redrawn ? ", made smaller" : "";
    said.textContent = `${size}${how}, answered in ${taken.toFixed(0)} ms`;
    const file = { name, type };
    snippet.show({ path, file, accept: TYPE, saveAs: "mask.png" });
  }

  const ask = latestOnly(async () => {
    said.textContent = "Asking the model …";
    try {
      await answer(waiting);
      error.textContent = "";
    } catch (problem) {
      if (problem.name !== "AbortError") {
        said.textContent = BLANK;
        error.textContent = problem.message;
      }
    }
  });

  async function load(file) {
    try {
      waiting = await prepare(file);
      fileError.textContent = "";
    } catch (problem) {
      fileError.textContent = problem.message;
      return;
    }
    await ask();
  }

  async function drawn() {
    if (!pad.isEmpty) {
      waiting = await sketch(pad.drawing.strokes, side);
      await ask();
    }
  }

  const pad = new DrawingPad(latestOnly(drawn), "Sketch pad");
  const left = inputView(pad, load, fileError);
  acceptFiles(left, load, signal);
  const last = el("div", { class: "row spread" }, said, view.download);
  const parts = [error, view.stage, view.opacity, view.legend, last];
  return el("div", { class: "columns" }, left, card("Its mask", ...parts));
}
