// A pad to draw on: mouse, finger, pen or keyboard; or a picture instead.

import { el, newId } from "./dom.js";
import { drawCover, drawStrokes } from "./pixels.js";

const SIZE = 320;
const PEN = 0.06;
const STEP = 0.03;
// Points nearer than this add nothing to a line.
const NEAR = 0.006;
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const HELP =
  "Draw with mouse or finger. By keyboard: arrows move the pen, Space sets " +
  "it down or lifts it, Backspace undoes, Delete clears.";

const clamp = (value) => Math.min(1, Math.max(0, value));

// `drawing` is {strokes, image}: strokes are lists of points in parts of the
// pad, 0 to 1. `changed` is called after every change.
export class DrawingPad {
  constructor(changed, label) {
    this.changed = changed;
    this.drawing = { strokes: [], image: null };
    this.cursor = { at: [0.5, 0.5], down: false, shown: false };
    this.pointer = null;
    const attributes = { id: newId("hint"), class: "muted small by-keyboard" };
    this.hint = el("p", attributes, HELP);
    this.said = el("span", { class: "visually-hidden", role: "status" });
    this.element = this.makeCanvas(label);
    this.context = this.element.getContext("2d");
    this.buttons = el(
      "div",
      { class: "row" },
      el("button", { type: "button", click: () => this.undo() }, "Undo"),
      el("button", { type: "button", click: () => this.clear() }, "Clear"),
    );
    this.redraw();
  }

  makeCanvas(label) {
    return el("canvas", {
      class: "pad",
      width: SIZE,
      height: SIZE,
      tabindex: "0",
      role: "application",
      "aria-label": label,
      "aria-describedby": this.hint.id,
      pointerdown: (event) => this.press(event),
      pointermove: (event) => this.drag(event),
      pointerup: (event) => this.release(event),
      pointercancel: (event) => this.release(event),
      keydown: (event) => this.key(event),
      focus: () => this.focus(),
      blur: () => this.blur(),
    });
  }

  get isEmpty() {
    return !this.drawing.image && !this.drawing.strokes.length;
  }

  setImage(image) {
    this.drawing.strokes = [];
    this.drawing.image = image;
    this.update();
  }

  undo() {
    this.cursor.down = false;
    this.drawing.strokes.pop();
    this.update();
  }

  clear() {
    this.cursor.down = false;
    this.said.textContent = "Cleared";
    this.setImage(null);
  }

  // === Mouse, finger, pen ===

  place(event) {
    const box = this.element.getBoundingClientRect();
    return [
      clamp((event.clientX - box.left) / box.width),
      clamp((event.clientY - box.top) / box.height),
    ];
  }

  press(event) {
    if (event.button !== 0 || this.pointer !== null) {
      return;
    }
    this.pointer = event.pointerId;
    this.element.setPointerCapture(this.pointer);
    this.cursor.shown = this.cursor.down = false;
    this.drawing.strokes.push([this.place(event)]);
    this.update();
  }

  drag(event) {
    const stroke = this.drawing.strokes.at(-1);
    if (event.pointerId !== this.pointer || !stroke) {
      return;
    }
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) {
      const next = this.place(each);
      const last = stroke.at(-1);
      if (Math.hypot(next[0] - last[0], next[1] - last[1]) > NEAR) {
        stroke.push(next);
      }
    }
    this.update();
  }

  release(event) {
    if (event.pointerId === this.pointer) {
      this.pointer = null;
    }
  }

  // === Keyboard ===

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key in ARROWS) {
      this.move(ARROWS[event.key], event.shiftKey ? STEP / 3 : STEP);
    } else if (event.key === " ") {
      this.togglePen();
    } else if (event.key === "Backspace") {
      this.undo();
    } else if (event.key === "Delete") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  move([dx, dy], step) {
    const [x, y] = this.cursor.at;
    this.cursor.at = [clamp(x + dx * step), clamp(y + dy * step)];
    if (this.cursor.down) {
      this.drawing.strokes.at(-1).push(this.cursor.at);
      this.update();
    } else {
      this.redraw();
    }
  }

  togglePen() {
    this.cursor.down = !this.cursor.down;
    this.said.textContent = this.cursor.down ? "Pen down" : "Pen up";
    if (this.cursor.down) {
      this.drawing.strokes.push([this.cursor.at]);
      this.update();
    } else {
      this.redraw();
    }
  }

  focus() {
    // A click focuses, too; its ring would be in the way.
    this.cursor.shown =
      this.pointer === null && this.element.matches(":focus-visible");
    this.redraw();
  }

  blur() {
    this.cursor.shown = this.cursor.down = false;
    this.redraw();
  }

  // === Looks ===

  update() {
    this.redraw();
    this.changed();
  }

  redraw() {
    const { context, drawing } = this;
    context.fillStyle = "black";
    context.fillRect(0, 0, SIZE, SIZE);
    context.imageSmoothingQuality = "high";
    if (drawing.image) {
      drawCover(context, drawing.image);
    }
    const place = ([x, y]) => [x * SIZE, y * SIZE];
    drawStrokes(context, drawing.strokes, PEN * SIZE, place);
    if (this.cursor.shown) {
      this.drawCursor(...place(this.cursor.at));
    }
  }

  drawCursor(x, y) {
    this.context.beginPath();
    this.context.lineWidth = 3;
    this.context.strokeStyle = this.cursor.down ? "#ff8a3d" : "#6cb2ff";
    this.context.arc(x, y, 0.6 * PEN * SIZE, 0, 2 * Math.PI);
    this.context.stroke();
  }
}
