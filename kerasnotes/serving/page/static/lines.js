// A series as a line, with what follows and the band that holds it, if known.

import { el } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const EDGE = 28;

// Returns `{element, show}`; see `show`.
export function lineChart() {
  const canvas = el("canvas", {
    class: "lines",
    width: WIDTH,
    height: HEIGHT,
    role: "img",
  });
  const context = canvas.getContext("2d");

  //   past      values before
  //   forecast  values that follow
  //   low, high ends of the band; empty if none is known
  //   title     what is measured
  function show({ past, forecast, low, high, title }) {
    const all = [...past, ...forecast, ...low, ...high];
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const room = most - least || 1;
    const steps = past.length + forecast.length - 1 || 1;
    const x = (i) => LEFT + (i / steps) * (WIDTH - LEFT - EDGE);
    const y = (v) =>
      HEIGHT - EDGE - ((v - least) / room) * (HEIGHT - 2 * EDGE);
    const style = getComputedStyle(canvas);
    const first = past.length;
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = style.getPropertyValue("--muted");
    context.textAlign = "right";
    for (const value of [least, (least + most) / 2, most]) {
      context.fillText(shortNumber(value), LEFT - 8, y(value) + 4);
    }
    context.textAlign = "left";
    context.fillText(title, LEFT, 16);
    if (forecast.length) {
      context.strokeStyle = style.getPropertyValue("--line");
      trace([
        [x(first - 0.5), EDGE],
        [x(first - 0.5), HEIGHT - EDGE],
      ]);
    }
    context.lineWidth = 2;
    context.strokeStyle = style.getPropertyValue("--muted");
    trace(past.map((v, i) => [x(i), y(v)]));
    const accent = style.getPropertyValue("--accent");
    if (low.length) {
      const upper = high.map((v, i) => [x(first + i), y(v)]);
      const lower = low.map((v, i) => [x(first + i), y(v)]).reverse();
      context.globalAlpha = 0.2;
      context.fillStyle = accent;
      path([...upper, ...lower]);
      context.fill();
      context.globalAlpha = 1;
    }
    context.strokeStyle = accent;
    // From the last known value on.
    const start = past.length ? [[x(first - 1), y(past[first - 1])]] : [];
    trace([...start, ...forecast.map((v, i) => [x(first + i), y(v)])]);
    context.lineWidth = 1;
    const more = forecast.length ? `, and ${forecast.length} that follow` : "";
    canvas.setAttribute("aria-label", `${title}: ${past.length} rows${more}`);
  }

  function path(points) {
    context.beginPath();
    points.forEach(([a, b], i) =>
      i ? context.lineTo(a, b) : context.moveTo(a, b),
    );
  }

  function trace(points) {
    path(points);
    context.stroke();
  }

  return { element: canvas, show };
}

// Returns a number in four digits.
export function shortNumber(value) {
  return Number(value.toPrecision(4)).toLocaleString();
}
