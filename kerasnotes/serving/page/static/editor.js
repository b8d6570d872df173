// Any other model: the request as JSON, with an example to start from.

import { predictPath, send } from "./api.js";
import { BLANK, card, el, errorBox, field, select } from "./dom.js";

const SIDE = 8;
const LONGEST = 20000;

// Returns an example value for an input, without its batch axis.
function example({ dtype, shape }) {
  const value = dtype === "bytes" ? "text" : dtype === "bool" ? false : 0;
  const sizes = (shape ?? [null]).slice(1).map((size) => size ?? SIDE);
  return sizes.reduceRight(
    (inner, size) => Array.from({ length: size }, () => inner),
    value,
  );
}

// Returns a request that a signature takes.
export function exampleRequest(name, signature) {
  const named = name === "serving_default" ? {} : { signature_name: name };
  const inputs = Object.entries(signature.inputs);
  if (signature.method === "classify" || signature.method === "regress") {
    return { ...named, examples: [{ x: 0 }] };
  }
  const free = inputs.every(([, info]) => info.shape?.[0] === null);
  if (!free) {
    const whole = inputs.map(([key, info]) => {
      const shape = [null, ...(info.shape ?? [])];
      return [key, example({ ...info, shape })];
    });
    const only = whole.length === 1 ? whole[0][1] : Object.fromEntries(whole);
    return { ...named, inputs: only };
  }
  const row =
    inputs.length === 1
      ? example(inputs[0][1])
      : Object.fromEntries(inputs.map(([key, info]) => [key, example(info)]));
  return { ...named, instances: [row] };
}

function shapeText({ dtype, shape }) {
  const sizes = shape === null ? "any rank" : shape.map((n) => n ?? "?");
  return `${dtype} (${Array.isArray(sizes) ? sizes.join(", ") : sizes})`;
}

function portList(ports) {
  return el(
    "ul",
    { class: "ports" },
    ...Object.entries(ports).map(([name, info]) =>
      el("li", {}, el("code", {}, name), ` ${shapeText(info)}`),
    ),
  );
}

export function mountEditor(model, snippet, signal) {
  const names = Object.keys(model.signatures).sort(
    (a, b) => (b === "serving_default") - (a === "serving_default"),
  );
  const error = errorBox();
  const text = el("textarea", { rows: 12, spellcheck: "false", class: "code" });
  const answer = el("pre", { class: "answer", tabindex: "0" });
  const said = el("p", { class: "muted small", role: "status" }, BLANK);
  const ports = el("div", { class: "small" });
  const chooser = select(
    names.map((name) => [name, name]),
    names[0],
    choose,
  );

  function choose() {
    const signature = model.signatures[chooser.value];
    const request = exampleRequest(chooser.value, signature);
    const short = JSON.stringify(request);
    text.value = short.length > 300 ? short : JSON.stringify(request, null, 2);
    ports.replaceChildren(
      el("h3", {}, "Takes"),
      portList(signature.inputs),
      el("h3", {}, "Gives"),
      portList(signature.outputs),
    );
  }

  function path() {
    const method = model.signatures[chooser.value].method;
    const verb = ["classify", "regress"].includes(method) ? method : "predict";
    return predictPath(model.name).replace(/predict$/, verb);
  }

  async function ask(event) {
    event.preventDefault();
    error.textContent = "";
    let json;
    try {
      json = JSON.parse(text.value);
    } catch (problem) {
      error.textContent = `This is not JSON: ${problem.message}`;
      text.focus();
      return;
    }
    try {
      snippet.show({ path: path(), json });
      const started = performance.now();
      const response = await send(path(), { json, signal });
      const told = await response.text();
      const taken = performance.now() - started;
      answer.textContent =
        told.length > LONGEST
          ? `${told.slice(0, LONGEST)}\n… (${told.length} characters)`
          : told;
      said.textContent = `Answered in ${taken.toFixed(0)} ms`;
    } catch (problem) {
      if (problem.name !== "AbortError") {
        answer.textContent = "";
        said.textContent = BLANK;
        error.textContent = problem.message;
      }
    }
  }

  const left = card(
    "Request",
    el(
      "form",
      { submit: ask },
      field("Signature", chooser),
      field("JSON", text),
      el("button", { type: "submit", class: "primary" }, "Send"),
    ),
  );
  const right = card("Answer", error, answer, said, ports);
  choose();
  return el("div", { class: "columns" }, left, right);
}
