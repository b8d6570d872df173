// One example read from the page, asked, answered, and shown as a command.

import { predict, predictPath } from "./api.js";
import { latestOnly } from "./dom.js";

// Returns what asks a model once more; the latest question wins.
//   place  `{model, snippet, signal, error}`: who is asked, where the command
//          and what went wrong are shown, and what ends all of it
//   read   returns `{instance}`, and more if it likes, or `null` of nothing
//   show   is given the answer, and what was read
//   clear  called where there is nothing
export function asker({ model, snippet, signal, error }, { read, show, clear }) {
  return latestOnly(async () => {
    try {
      const given = await read(signal);
      if (!given) {
        clear?.();
        error.textContent = "";
        return;
      }
      const request = { instances: [given.instance] };
      const [answer] = await predict(model.name, request, signal);
      show(answer, given);
      error.textContent = "";
      snippet.show({ path: predictPath(model.name), json: request });
    } catch (problem) {
      if (problem.name !== "AbortError") {
        error.textContent = problem.message;
      }
    }
  });
}

// Probabilities or measured values, however the signature wraps them.
export function numbersOf(answer) {
  return Array.isArray(answer) ? answer : (answer.probabilities ?? answer.values);
}
