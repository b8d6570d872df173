// Rows of numbers as points: the first two columns.

import { el } from "./dom.js";

const SIZE = 480;
const MARGIN = 36;

// Returns `{element, show}`. The frame stays where the points end up: it is
// set by the first answer that is finished, and grows only.
export function scatter(features) {
  const canvas = el("canvas", {
    class: "scatter",
    width: SIZE,
    height: SIZE,
    role: "img",
  });
  const context = canvas.getContext("2d");
  let reach = 0;

  function show({ values, event }) {
    const points = values.map((row) => [row[0], row[1] ?? 0]);
    const far = Math.max(...points.flat().map(Math.abs), 1e-6);
    if (event === "done" || !reach) {
      reach = Math.max(reach && event !== "done" ? reach : 0, 1.15 * far);
    }
    draw(points);
    const [x, y] = [features[0] ?? "x", features[1] ?? ""];
    canvas.setAttribute(
      "aria-label",
      `${points.length} points of ${x}${y ? ` and ${y}` : ""}`,
    );
  }

  function draw(points) {
    const style = getComputedStyle(canvas);
    const room = SIZE / 2 - MARGIN;
    const place = (v) => SIZE / 2 + (v / reach) * room;
    context.clearRect(0, 0, SIZE, SIZE);
    context.strokeStyle = style.getPropertyValue("--line");
    context.fillStyle = style.getPropertyValue("--muted");
    context.font = "14px system-ui, sans-serif";
    context.textAlign = "center";
    context.strokeRect(MARGIN, MARGIN, 2 * room, 2 * room);
    for (const tick of [-1, 0, 1]) {
      const text = (tick * reach).toPrecision(2).replace(/^-?0\.0+$/, "0");
      context.fillText(text, place(tick * reach), SIZE - 12);
    }
    context.fillText(features[0] ?? "", SIZE / 2, 22);
    context.globalAlpha = 0.75;
    context.fillStyle = style.getPropertyValue("--accent");
    for (const [x, y] of points) {
      context.beginPath();
      context.arc(place(x), SIZE - place(y), 4, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  return { element: el("div", { class: "stage square" }, canvas), show };
}
