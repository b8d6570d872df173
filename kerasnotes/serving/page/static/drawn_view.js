// The picture that forms, how far it is, and what made it.

import { BLANK, card, el, errorBox } from "./dom.js";
import { scatter } from "./scatter.js";

function imageView() {
  const image = el("img", { alt: "", class: "drawn", hidden: true });
  const element = el("div", { class: "stage empty" }, image);
  function show({ image: content, event }) {
    image.src = `data:image/png;base64,${content}`;
    image.alt = event === "done" ? "The finished pictures" : "Pictures forming";
    image.hidden = false;
  }
  return { element, show };
}

function inWords({ seconds, seed, used }) {
  const parts = Object.entries({ seed, ...used })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`);
  return `Done in ${seconds.toFixed(1)} s: ${parts.join(", ")}`;
}

// Returns `{element, say, begin, take, fail, bringIntoView}`.
export function drawnView(model) {
  const isImage = model.input === "image";
  const view = isImage ? imageView() : scatter(model.features);
  const error = errorBox();
  const bar = { max: 1, value: 0, "aria-label": "Progress" };
  const progress = el("progress", bar);
  const said = el("p", { class: "muted small", role: "status" }, BLANK);
  const download = el(
    "a",
    { class: "button", hidden: true, download: `${model.name}.png` },
    "Download the PNG",
  );
  const note = el("p", { class: "muted small" }, "One seed, one picture.");

  function say(text) {
    said.textContent = text;
  }

  function begin() {
    say("Drawing …");
    error.textContent = "";
    download.hidden = true;
    progress.value = 0;
  }

  function finish(state) {
    progress.value = 1;
    say(inWords(state));
    if (state.image) {
      download.href = `data:image/png;base64,${state.image}`;
      download.hidden = false;
    }
    if (state.image && state.recipe) {
      note.textContent =
        "The PNG carries its recipe: kn sample RUN --from PICTURE.png draws " +
        "it again.";
    }
  }

  // Shows one line of the server's answer.
  function take(state) {
    if (state.event === "error") {
      throw new Error(state.error);
    }
    if (state.image || state.values) {
      view.show(state);
    }
    if (state.event === "done") {
      finish(state);
    } else {
      progress.value = state.done / state.total;
    }
  }

  function fail(problem) {
    const stopped = problem.name === "AbortError";
    say(stopped ? "Stopped." : BLANK);
    error.textContent = stopped ? "" : problem.message;
  }

  const parts = [error, progress, said, view.element, download, note];
  const element = card("The picture", ...parts);
  const bringIntoView = () => view.element.scrollIntoView({ block: "nearest" });
  return { element, say, begin, take, fail, bringIntoView };
}
