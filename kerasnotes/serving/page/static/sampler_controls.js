// What can be chosen of a diffusion model's sampler.

import { BLANK, el, field, select } from "./dom.js";

const MOST_STEPS = 100;

// A slider and the number it stands for; `{element, input, update}`.
export function slider(text, attributes, hint) {
  const shown = el("output", { class: "muted" });
  const input = el("input", { type: "range", ...attributes, input: update });
  function update() {
    shown.textContent = input.value;
  }
  update();
  const element = field(text, input, hint);
  shown.setAttribute("for", input.id);
  element.querySelector("label").append(BLANK, shown);
  return { element, input, update };
}

// Sampler, noise levels, steps and eta; `{fields, asked}`.
export function samplerControls({ samplers, timesteps, default: preset }) {
  if (!samplers.length) {
    return { fields: [], asked: () => ({}) };
  }
  const byName = Object.fromEntries(samplers.map((each) => [each.name, each]));
  const sampler = select(
    samplers.map((each) => [each.name, each.title]),
    preset.sampler in byName ? preset.sampler : samplers[0].name,
    follow,
  );
  const schedule = el("select");
  const most = Math.min(MOST_STEPS, timesteps);
  const steps = slider("Steps", { min: 1, max: most, value: preset.steps });
  const eta = slider(
    "Fresh noise (eta)",
    { min: 0, max: 1, step: 0.05, value: 0 },
    "0: none; only some samplers.",
  );

  // Other samplers have other levels, and not all of them noise.
  function follow() {
    const chosen = byName[sampler.value];
    schedule.replaceChildren(
      ...chosen.schedules.map((name) => el("option", { value: name }, name)),
    );
    schedule.value = chosen.schedule;
    eta.input.disabled = !chosen.eta;
    eta.input.value = chosen.eta && chosen.noise ? 1 : 0;
    eta.update();
  }

  function asked() {
    const given = {
      sampler: sampler.value,
      schedule: schedule.value,
      steps: steps.input.valueAsNumber,
    };
    const fresh = { eta: eta.input.valueAsNumber };
    return eta.input.disabled ? given : { ...given, ...fresh };
  }

  follow();
  const fields = [
    field("Sampler", sampler),
    field("Noise levels", schedule),
    steps.element,
    eta.element,
  ];
  return { fields, asked };
}
