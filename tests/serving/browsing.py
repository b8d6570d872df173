"""What the tests of the page share: a server, a pen, questions to a page."""

import io
import threading

import numpy as np
import uvicorn
from PIL import Image

from kerasnotes.serving.page import playground
from kerasnotes.serving.v1.handler import TensorFlowServing

from .stub_core import (
    StubCore,
    diffusion_model,
    forecast_model,
    image_model,
    mask_model,
    measured_model,
    plain_model,
    sequence_model,
    table_model,
    text_model,
    translation_model,
)

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def make_core():
    return StubCore(
        image_model(),
        image_model("doubt", doubt=True),
        image_model("hostile", classes=[HOSTILE, "plain"]),
        table_model(),
        text_model(),
        measured_model(),
        forecast_model(),
        sequence_model(),
        translation_model(),
        mask_model(),
        diffusion_model(),
        plain_model(),
        failing=["broken"],
    )


def make_app(core, key=""):
    """Returns the server's application, without models on disk."""
    rest, page = TensorFlowServing(core), playground.Playground(core)

    async def app(scope, receive, send):
        path = scope["path"]
        authorization = (
            dict(scope["headers"]).get(b"authorization", b"").decode()
        )
        locked = key and path.startswith(("/v1", "/api"))
        if locked and authorization != f"Bearer {key}":
            head = {"type": "http.response.start", "status": 401}
            await send({**head, "headers": []})
            body = b'{"error": "A valid API key is needed."}'
            await send({"type": "http.response.body", "body": body})
            return
        await (rest if path.startswith("/v1") else page)(scope, receive, send)

    return app


class Server:
    """An application on a free port of this machine, in a thread."""

    def __init__(self, app):
        config = uvicorn.Config(
            app, port=0, lifespan="off", ws="none", log_level="error"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}/"

    def close(self):
        self.server.should_exit = True
        self.thread.join(10)


def stroke(page, points):
    """Draws through points, in parts of the pad."""
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for number, (x, y) in enumerate(points):
        at = (box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.move(*at, steps=1 if number == 0 else 5)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def line_picture():
    picture = np.zeros((64, 64), "uint8")
    picture[24:32] = 255
    return picture


def png(picture, name="picture.png"):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


PHONE = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
}
UNNAMED = """() => [...document.querySelectorAll(
    'input, select, textarea, button, a, canvas[tabindex]')]
  .filter((e) => !(e.labels?.length || e.textContent.trim() ||
    e.getAttribute('aria-label'))).map((e) => e.outerHTML)"""
"""Controls without a name."""

HAND_OVER = """([content, kind, target]) => {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "a.png", { type: "image/png" }));
    const given = { bubbles: true, cancelable: true };
    const event = kind === "paste"
      ? new ClipboardEvent("paste", { ...given, clipboardData: data })
      : new DragEvent("drop", { ...given, dataTransfer: data });
    document.querySelector(target).dispatchEvent(event);
}"""
"""Pastes or drops a PNG, given in base64."""

CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((v) => {
      const part = v / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (e) => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour !== 'rgba(0, 0, 0, 0)' ? colour
      : e.parentElement ? ground(e.parentElement) : 'rgb(255, 255, 255)';
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 &&
      n.textContent.trim());
    if (!own || !e.checkVisibility() || e.disabled || e.tagName === 'OPTION') {
      continue;
    }
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([e.outerHTML.slice(0, 80), ratio]);
  }
  return poor;
}"""
"""Texts of too little contrast: below 4.5, as WCAG 2.2 counts it."""
