// Class probabilities as bars, and doubt in words.

import { debounced, el } from "./dom.js";

const MOST = 12;

// Returns 0.934 as "93.4 %".
export function percent(share) {
  const digits = share > 0.0995 && share < 0.9995 ? 1 : 2;
  return `${(100 * share).toFixed(digits)} %`;
}

// Bars of class probabilities. Up to 12 classes keep their places; of more,
// the most probable are shown. Returns `{element, show, clear}`.
export function probabilityBars(classes) {
  const ranked = classes.length > MOST;
  const rows = Array.from({ length: Math.min(MOST, classes.length) }, () => {
    const name = el("span", { class: "bar-name" });
    const fill = el("span", { class: "bar-fill" });
    const value = el("span", { class: "bar-value" });
    const track = el("span", { class: "bar-track" }, fill);
    const element = el("li", {}, name, track, value);
    return { element, name, fill, value };
  });
  const verdict = el("p", { class: "verdict", "aria-hidden": "true" });
  const spoken = el("p", { class: "visually-hidden", role: "status" });
  // Said once drawing rests, not at every stroke.
  const say = debounced((text) => (spoken.textContent = text), 500);
  const element = el(
    "div",
    {},
    verdict,
    el("ol", { class: "bars" }, ...rows.map((row) => row.element)),
    spoken,
  );

  function place(row, index, share, best) {
    row.name.textContent = classes[index];
    row.name.title = classes[index];
    row.value.textContent = share === null ? "–" : percent(share);
    row.fill.style.setProperty("--share", share ?? 0);
    row.element.classList.toggle("best", best);
  }

  function clear(text = "Nothing asked yet.") {
    verdict.textContent = text;
    say("");
    rows.forEach((row, index) => place(row, index, null, false));
  }

  function show(probabilities) {
    const order = probabilities
      .map((share, index) => [share, index])
      .sort((a, b) => b[0] - a[0]);
    const best = order[0][1];
    const shown = ranked
      ? order.slice(0, MOST).map(([, index]) => index)
      : classes.map((_, index) => index);
    shown.forEach((index, row) =>
      place(rows[row], index, probabilities[index], index === best),
    );
    const words = `${classes[best]}, ${percent(probabilities[best])}`;
    verdict.replaceChildren(
      el("strong", {}, classes[best]),
      ` ${percent(probabilities[best])}`,
    );
    say(`Most likely ${words}`);
  }

  clear();
  return { element, show, clear };
}

// The doubt of a Bayesian network, in nats of `log(classes)`.
// Returns `{element, show, clear}`.
export function doubtView(numClasses) {
  const most = Math.log(Math.max(2, numClasses));
  const kinds = [
    ["predictive_entropy", "In all"],
    ["aleatoric", "From the picture"],
    ["epistemic", "From the networks"],
  ];
  const rows = kinds.map(([key, text]) => {
    const fill = el("span", { class: "bar-fill" });
    const value = el("span", { class: "bar-value" });
    const track = el("span", { class: "bar-track" }, fill);
    const name = el("span", { class: "bar-name" }, text);
    return { key, fill, value, element: el("li", {}, name, track, value) };
  });
  const words = el("p", { class: "doubt-words" });
  const element = el(
    "div",
    { class: "doubt" },
    el("h3", {}, "Doubt"),
    el("ul", { class: "bars wide" }, ...rows.map((row) => row.element)),
    words,
    el(
      "p",
      { class: "muted small" },
      `Entropies in nats, from 0 (sure) to ${most.toFixed(2)} (no idea); ` +
        "networks drawn from the posterior answer together.",
    ),
  );

  function clear() {
    words.textContent = "";
    for (const row of rows) {
      row.value.textContent = "–";
      row.fill.style.setProperty("--share", 0);
    }
  }

  function show(answer) {
    for (const row of rows) {
      const nats = Math.max(0, Number(answer[row.key]));
      row.value.textContent = nats.toFixed(3);
      row.fill.style.setProperty("--share", Math.min(1, nats / most));
    }
    words.textContent = doubtInWords(answer, most);
  }

  clear();
  return { element, show, clear };
}

// Says what three entropies mean.
export function doubtInWords(answer, most) {
  const total = answer.predictive_entropy / most;
  const networks = answer.epistemic / most;
  if (total < 0.1) {
    return "Hardly any doubt: the networks agree, and each of them is sure.";
  }
  if (networks > 0.12 && networks > 0.35 * total) {
    return (
      "The networks contradict each other: the picture is unlike those " +
      "they learned from. Do not rely on the answer."
    );
  }
  if (total > 0.45) {
    return (
      "Great doubt, and the networks share it: the picture itself could be " +
      "several things."
    );
  }
  return (
    "Some doubt, mostly from the picture itself: it resembles more than one " +
    "class."
  );
}
