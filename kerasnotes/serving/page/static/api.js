// Asking the server. Addresses are relative: the page may lie under a prefix.

const KEY = "kerasnotes-api-key";
let askForKey = () => {};

// What a request failed with, in words for people.
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

// Sets the function that is called when the server asks for a key.
export function onKeyWanted(callback) {
  askForKey = callback;
}

export function setKey(key) {
  sessionStorage.setItem(KEY, key);
}

export function hasKey() {
  return Boolean(sessionStorage.getItem(KEY));
}

// Returns the whole address, for commands to copy.
export function addressOf(path) {
  return new URL(path, document.baseURI).href;
}

// Returns the path of a model's prediction.
export function predictPath(name) {
  return `v1/models/${encodeURIComponent(name)}:predict`;
}

// Sends a request; returns the response if it went well, else throws an
// `ApiError`.
export async function send(path, { json, body, headers = {}, signal } = {}) {
  const given = { ...headers };
  if (json !== undefined) {
    given["Content-Type"] = "application/json";
  }
  if (hasKey()) {
    given.Authorization = `Bearer ${sessionStorage.getItem(KEY)}`;
  }
  const content = json === undefined ? body : JSON.stringify(json);
  let response;
  try {
    response = await fetch(path, {
      method: content === undefined ? "GET" : "POST",
      headers: given,
      body: content,
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError("The server does not answer. Is it still running?", 0);
  }
  if (response.ok) {
    return response;
  }
  const message = await explain(response);
  if (response.status === 401) {
    askForKey(hasKey() ? message : "");
  }
  throw new ApiError(message, response.status);
}

export async function getJson(path) {
  return (await send(path)).json();
}

// Asks a model through TensorFlow Serving's API; returns one answer each.
export async function predict(name, body, signal) {
  const response = await send(predictPath(name), { json: body, signal });
  return (await response.json()).predictions;
}

// Asks a model about one image file; returns its answer in a list.
export async function predictFile(name, file, type, signal) {
  const headers = { "Content-Type": type };
  const given = { body: file, headers, signal };
  return (await (await send(predictPath(name), given)).json()).predictions;
}

async function explain(response) {
  const told = {
    413: "That is more than the server takes at once.",
    429: "The server is busy: its queue is full. Try again in a moment.",
    503: "The server is not ready for this model right now.",
    504: "The model took too long, and the request was given up.",
  };
  let message = "";
  try {
    message = String((await response.json()).error ?? "");
  } catch {
    // No JSON: a proxy's page, or nothing.
  }
  const words = told[response.status];
  if (words) {
    return message ? `${words} (${message})` : words;
  }
  return message || `The server answered ${response.status}.`;
}

// Yields the objects of a response of one JSON value a line.
export async function* readLines(response) {
  const text = response.body.pipeThrough(new TextDecoderStream());
  const reader = text.getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(broken);
      if (done) {
        return;
      }
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      yield* lines.map((line) => JSON.parse(line));
    }
  } finally {
    // Who stops reading also stops the server's work.
    reader.cancel().catch(() => {});
  }
}

function broken(error) {
  throw error.name === "AbortError"
    ? error
    : new ApiError("The connection to the server broke off.", 0);
}
