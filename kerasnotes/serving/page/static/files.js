// Pictures from files: chosen, dropped or pasted.

import { el, newId } from "./dom.js";

const TYPES = "image/png,image/jpeg,image/webp,image/gif,image/bmp";

// Returns a button that opens the file chooser; keyboard and screen readers
// get a real one.
export function fileButton(text, chosen, types = TYPES) {
  const input = el("input", {
    type: "file",
    accept: types,
    class: "visually-hidden",
    id: newId("file"),
    change: () => {
      if (input.files.length) {
        chosen(input.files[0]);
      }
      // The same file again is a choice, too.
      input.value = "";
    },
  });
  const label = el("label", { for: input.id, class: "button" }, text);
  return el("span", { class: "file" }, input, label);
}

// Listens for dropped and pasted pictures until `signal` aborts. They may be
// dropped anywhere: beside the target the browser would leave the page.
export function acceptFiles(target, chosen, signal) {
  const over = (on) => (event) => {
    event.preventDefault();
    target.classList.toggle("over", on);
  };
  document.addEventListener("dragover", over(true), { signal });
  document.addEventListener("dragleave", over(false), { signal });
  document.addEventListener(
    "drop",
    (event) => {
      over(false)(event);
      const [file] = event.dataTransfer.files;
      if (file) {
        chosen(file);
      }
    },
    { signal },
  );
  document.addEventListener(
    "paste",
    (event) => {
      const files = [...event.clipboardData.files];
      const file = files.find((each) => each.type.startsWith("image/"));
      if (file) {
        event.preventDefault();
        chosen(file);
      }
    },
    { signal },
  );
}

// Decodes a file. Throws an `Error` in words if it is no picture.
export async function decode(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(
      `${file.name || "This"} is no picture that the browser can read.`,
    );
  }
}
