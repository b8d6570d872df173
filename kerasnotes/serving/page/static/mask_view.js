// A mask laid over its image: colours, shares, opacity, download.

import { percent } from "./bars.js";
import { el, field } from "./dom.js";
import { drawCover } from "./pixels.js";

// Okabe & Ito's colours, then Tol's, as in the pictures of `kn predict`.
const COLOURS = [
  "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00",
  "#CC79A7", "#882255", "#AAFF66", "#7755DD", "#FF8899", "#44DDCC",
];
const GROUND = "#2B2B2B";
const GROUNDS = ["background", "ground", "bg", "unlabeled", "unlabelled"];
const OPACITY = 60;

// Returns which class is the ground that the others lie on.
function groundOf(classes) {
  const isGround = (name) => GROUNDS.includes(name.trim().toLowerCase());
  return Math.max(0, classes.findIndex(isGround));
}

function colourOf(number, ground) {
  if (number === ground) {
    return GROUND;
  }
  if (number < COLOURS.length) {
    return COLOURS[number];
  }
  // Golden-angle steps keep neighbours in the list apart; canvases turn any
  // colour into six digits.
  const probe = el("canvas").getContext("2d");
  probe.fillStyle = `hsl(${(222.5 * number) % 360} 65% 55%)`;
  return probe.fillStyle;
}

const rgbOf = (hex) =>
  [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

// Returns the pixels of a mask whose values are class numbers.
function readMask(bitmap) {
  const { width, height } = bitmap;
  const context = el("canvas", { width, height }).getContext("2d", {
    willReadFrequently: true,
  });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height);
}

// Colours class numbers in place; the ground becomes transparent. Returns
// how many pixels each class has.
function colourMask(pixels, colours, ground) {
  const counts = Array(colours.length).fill(0);
  const palette = colours.map(rgbOf);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const number = pixels.data[i];
    counts[number] += 1;
    const rgb = palette[number] ?? [255, 255, 255];
    pixels.data.set([...rgb, number === ground ? 0 : 255], i);
  }
  return counts;
}

function legendOf(classes, colours) {
  const shares = classes.map(() => el("span", { class: "muted" }));
  const items = classes.map((name, i) => {
    const swatch = el("span", { class: "swatch" });
    swatch.style.setProperty("background", colours[i]);
    return el("li", {}, swatch, el("span", {}, name), shares[i]);
  });
  return { element: el("ul", { class: "legend" }, ...items), shares };
}

function opacityOf(mask) {
  const input = el("input", {
    type: "range",
    min: 0,
    max: 100,
    value: OPACITY,
    input: apply,
  });
  function apply() {
    mask.style.setProperty("opacity", input.value / 100);
  }
  apply();
  return field("Opacity of the mask", input);
}

// Returns `{stage, opacity, legend, download, show}`.
export function maskView(classes) {
  const ground = groundOf(classes);
  const colours = classes.map((_, i) => colourOf(i, ground));
  const picture = el("canvas", { class: "layer", width: 4, height: 3 });
  const mask = el("canvas", { class: "layer", width: 4, height: 3 });
  const attributes = { role: "img", "aria-label": "No image yet" };
  const stage = el(
    "div",
    { class: "stage empty", ...attributes },
    picture,
    mask,
  );
  const legend = legendOf(classes, colours);
  const download = el(
    "a",
    { class: "button", download: "mask.png", hidden: true },
    "Download the mask",
  );

  function offer(blob) {
    URL.revokeObjectURL(download.href);
    download.href = URL.createObjectURL(blob);
    download.hidden = false;
  }

  // Shows an image and the PNG of its mask.
  async function show(image, blob) {
    const pixels = readMask(await createImageBitmap(blob));
    const counts = colourMask(pixels, colours, ground);
    for (const layer of [picture, mask]) {
      layer.width = pixels.width;
      layer.height = pixels.height;
    }
    drawCover(picture.getContext("2d"), image);
    mask.getContext("2d").putImageData(pixels, 0, 0);
    const total = pixels.width * pixels.height;
    const told = classes.map((_, i) => percent(counts[i] / total));
    legend.shares.forEach((share, i) => (share.textContent = told[i]));
    const words = classes.map((name, i) => `${name} ${told[i]}`).join(", ");
    stage.classList.remove("empty");
    stage.setAttribute("aria-label", `The image and its mask: ${words}`);
    offer(blob);
  }

  const opacity = opacityOf(mask);
  return { stage, opacity, legend: legend.element, download, show };
}
