// The request just made, as commands to copy.

import { addressOf, hasKey } from "./api.js";
import { card, el, newId } from "./dom.js";

const KEY_VARIABLE = "KN_API_KEY";

// Returns text in single quotes for a POSIX shell.
export function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// Returns a JSON value as a Python literal.
export function pythonLiteral(value) {
  if (value === null || value === undefined) {
    return "None";
  }
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonLiteral).join(", ")}]`;
  }
  if (typeof value === "object") {
    const items = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item)}`,
    );
    return `{${items.join(", ")}}`;
  }
  // JSON's strings and numbers are Python's.
  return JSON.stringify(value);
}

// Returns a request as a `curl` command.
//   url      whole address
//   json     its body, or
//   file     {name, type} of a file that is the body
//   accept   type asked for, or nothing
//   saveAs   file for the answer, or nothing
//   stream   whether lines are to be shown as they come
export function curlCommand({ url, json, file, accept, saveAs, stream }) {
  const parts = [`curl ${stream ? "-N " : ""}${shellQuote(url)}`];
  if (hasKey()) {
    parts.push(`-H "Authorization: Bearer $${KEY_VARIABLE}"`);
  }
  if (accept) {
    parts.push(`-H ${shellQuote(`Accept: ${accept}`)}`);
  }
  if (file) {
    parts.push(`-H ${shellQuote(`Content-Type: ${file.type}`)}`);
    parts.push(`--data-binary ${shellQuote(`@${file.name}`)}`);
  } else {
    parts.push("-H 'Content-Type: application/json'");
    parts.push(`-d ${shellQuote(JSON.stringify(json))}`);
  }
  if (saveAs) {
    parts.push(`-o ${shellQuote(saveAs)}`);
  }
  return parts.join(" \\\n  ");
}

// Returns a request as a Python program; see `curlCommand`.
export function pythonProgram({ url, json, file, accept, saveAs, stream }) {
  const headers = {};
  if (accept) {
    headers.Accept = accept;
  }
  if (file) {
    headers["Content-Type"] = file.type;
  }
  const lines = ["import requests", ""];
  let shown = pythonLiteral(headers);
  if (hasKey()) {
    lines.unshift("import os", "");
    const key = `"Authorization": f"Bearer {os.environ['${KEY_VARIABLE}']}"`;
    shown = shown === "{}" ? `{${key}}` : `{${key}, ${shown.slice(1)}`;
  }
  lines.push("response = requests.post(", `    ${JSON.stringify(url)},`);
  if (shown !== "{}") {
    lines.push(`    headers=${shown},`);
  }
  lines.push(
    file
      ? `    data=open(${JSON.stringify(file.name)}, "rb"),`
      : `    json=${pythonLiteral(json)},`,
  );
  if (stream) {
    lines.push("    stream=True,");
  }
  lines.push("    timeout=60,", ")", "response.raise_for_status()");
  if (stream) {
    lines.unshift("import base64", "import json", "");
    lines.push(
      "for line in response.iter_lines():",
      "    state = json.loads(line)",
      '    print(state["event"], state.get("done", ""))',
      'if "image" in state:',
      '    picture = base64.b64decode(state["image"])',
      '    open("picture.png", "wb").write(picture)',
    );
  } else if (saveAs) {
    const name = JSON.stringify(saveAs);
    lines.push(`open(${name}, "wb").write(response.content)`);
  } else {
    lines.push("print(response.json())");
  }
  return lines.join("\n");
}

const WRITERS = { curl: curlCommand, Python: pythonProgram };

// Buttons for the languages, one of them chosen. Returns `{element, mark}`.
function languageTabs(panel, choose) {
  const names = Object.keys(WRITERS);
  const tabs = names.map((name) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: newId("tab"),
        "aria-controls": panel.id,
        click: () => choose(name),
        keydown: arrow,
      },
      name,
    ),
  );

  function arrow(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = tabs.indexOf(event.target) + step + tabs.length;
      tabs[next % tabs.length].focus();
      choose(names[next % tabs.length]);
    }
  }

  function mark(chosen) {
    tabs.forEach((tab, i) => {
      const active = names[i] === chosen;
      tab.setAttribute("aria-selected", String(active));
      tab.tabIndex = active ? 0 : -1;
      if (active) {
        panel.setAttribute("aria-labelledby", tab.id);
      }
    });
  }

  const attributes = { role: "tablist", "aria-label": "Language" };
  return { element: el("div", attributes, ...tabs), mark };
}

// A button that copies text, and what is said of it.
function copyButton(code) {
  const said = el("span", { class: "muted", role: "status" });

  async function copy() {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = "Copied";
    } catch {
      // Clipboards are closed to pages without TLS; select it instead.
      getSelection().selectAllChildren(code);
      said.textContent = "Selected: copy with Ctrl-C";
    }
    setTimeout(() => (said.textContent = ""), 4000);
  }

  const button = el("button", { type: "button", click: copy }, "Copy");
  return { element: el("div", { class: "row" }, said, button), button };
}

// The part of the page that shows the request. Returns `{element, show}`.
export function snippetCard() {
  const code = el("code");
  const panel = el(
    "pre",
    { id: newId("code"), tabindex: "0", role: "tabpanel" },
    code,
  );
  const tabs = languageTabs(panel, choose);
  const copy = copyButton(code);
  let chosen = "curl";
  let request = null;

  function render() {
    tabs.mark(chosen);
    copy.button.disabled = !request;
    if (!request) {
      code.textContent = "# Appears with the first request.";
      return;
    }
    const { path, ...rest } = request;
    code.textContent = WRITERS[chosen]({ url: addressOf(path), ...rest });
  }

  function choose(name) {
    chosen = name;
    render();
  }

  function show(next) {
    request = next;
    render();
  }

  render();
  const head = el("div", { class: "row spread" }, tabs.element, copy.element);
  return { element: card("This request", head, panel), show };
}
