"""The page in a real browser: Debian's chromium, driven by Playwright."""

import base64
import re
import shutil
import subprocess
import threading

import numpy as np
import pytest
from PIL import Image

from .browsing import (
    CONTRAST,
    HAND_OVER,
    PHONE,
    UNNAMED,
    Server,
    line_picture,
    make_app,
    make_core,
    png,
    stroke,
)

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.once,
    pytest.mark.large,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium in PATH"),
]

KEY = "open sesame"
MODELS = (
    "lines", "doubt", "hostile", "table", "messages", "backwards", "homes",
    "power", "masks", "noisy", "half_plus_two",
)  # fmt: skip


@pytest.fixture(scope="module")
def core():
    return make_core()


@pytest.fixture(scope="module")
def server(core):
    running = Server(make_app(core))
    yield running.address
    running.close()


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, server):
    """Opens a model's surface; the console must stay silent."""
    contexts, messages = [], []

    def open_(name="", address=server, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda m: messages.append(m.text))
        page.on("pageerror", lambda e: messages.append(str(e)))
        page.on("request", lambda r: urls.append(r.url))
        page.goto(f"{address}#{name}")
        if name:
            expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        return page

    urls = []
    yield open_
    for context in contexts:
        context.close()
    # Errors that the server answers with are listed by the browser itself.
    assert [each for each in messages if "Failed to load" not in each] == []
    assert all(url.startswith(("http://127.0.0.1", "data:", "blob:"))
               for url in urls)  # fmt: skip


DOWN = [(0.5, 0.1), (0.52, 0.9)]
ACROSS = [(0.1, 0.5), (0.9, 0.48)]


def verdict(page):
    return page.locator(".verdict")


def command(page):
    return page.locator("[role=tabpanel] code").inner_text()


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_drawing_is_classified_live(visit, device):
    options = {} if device == "desktop" else PHONE
    page = visit("lines", **options)
    expect(verdict(page)).to_have_text("Draw something.")
    card = page.get_by_role("heading", name="This request")
    before = card.bounding_box()["y"]
    stroke(page, DOWN)
    expect(verdict(page)).to_contain_text("down")
    spoken = page.get_by_text("Most likely down")
    expect(spoken).to_have_attribute("role", "status")
    page.evaluate("scrollTo(0, 0)")
    assert card.bounding_box()["y"] == pytest.approx(before, abs=1)
    page.get_by_role("button", name="Clear").click()
    expect(verdict(page)).to_have_text("Draw something.")
    stroke(page, ACROSS)
    expect(verdict(page)).to_contain_text("across")
    stroke(page, DOWN)
    page.get_by_role("button", name="Undo").click()
    expect(verdict(page)).to_contain_text("across")


def test_a_drawing_is_fitted_as_the_training_data_are(visit, core):
    page = visit("lines")
    # Small and in a corner: the model gets it large and in the middle.
    images = []
    model = core.servables["lines"]
    plain = model.functions["serving_default"]
    model.functions["serving_default"] = lambda tensors: (
        images.append(tensors["image"]) or plain(tensors)
    )
    stroke(page, [(0.05, 0.05), (0.05, 0.3)])
    expect(verdict(page)).to_contain_text("down")
    model.functions["serving_default"] = plain
    image = images[-1][0, ..., 0]
    assert image.max() >= 9
    assert (image == np.round(image)).all()
    rows, columns = np.nonzero(image > 2)
    assert (rows.min(), rows.max()) == (0, 7)
    assert {3, 4} >= set(columns)


def test_drawing_by_keyboard_alone(visit):
    page = visit("lines")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('canvas.pad')"):
            break
    page.keyboard.press(" ")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    expect(verdict(page)).to_contain_text("down")
    page.keyboard.press(" ")
    page.keyboard.press("Delete")
    expect(verdict(page)).to_have_text("Draw something.")
    page.keyboard.press(" ")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    expect(verdict(page)).to_contain_text("across")
    page.keyboard.press("Backspace")
    expect(verdict(page)).to_have_text("Draw something.")


def test_the_commands_shown_repeat_the_request(visit):
    page = visit("lines")
    stroke(page, DOWN)
    expect(verdict(page)).to_contain_text("down")
    shown = float(re.search(r"[\d.]+", verdict(page).inner_text())[0])
    line = command(page)
    done = subprocess.run(
        ["bash", "-c", f"{line} -s"], capture_output=True, text=True
    )
    share = float(re.findall(r"[\d.]+", done.stdout)[1])
    assert 100 * share == pytest.approx(shown, abs=0.05)
    page.get_by_role("tab", name="curl").focus()
    page.keyboard.press("ArrowRight")
    program = command(page)
    assert program.startswith("import requests")
    printed = []
    exec(program, {"print": printed.append})
    assert 100 * printed[0]["predictions"][0][1] == pytest.approx(
        shown, abs=0.05
    )


def test_a_picture_is_classified_as_it_is(visit):
    page = visit("lines")
    page.set_input_files("input[type=file]", files=[png(line_picture())])
    expect(verdict(page)).to_contain_text("across")
    junk = {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.set_input_files("input[type=file]", files=[junk])
    expect(page.get_by_role("alert")).to_contain_text("no picture")


def test_a_picture_can_be_pasted_and_dropped(visit):
    page = visit("lines")
    content = base64.b64encode(png(line_picture())["buffer"]).decode()
    page.evaluate(HAND_OVER, [content, "paste", "body"])
    expect(verdict(page)).to_contain_text("across")
    page.get_by_role("button", name="Clear").click()
    expect(verdict(page)).to_have_text("Draw something.")
    page.evaluate(HAND_OVER, [content, "drop", ".card"])
    expect(verdict(page)).to_contain_text("across")


def test_doubt_is_told_in_words(visit):
    page = visit("doubt")
    stroke(page, DOWN)
    expect(page.locator(".doubt-words")).to_contain_text("contradict")
    expect(page.locator(".doubt")).to_contain_text("0.450")
    assert '"signature_name":"uncertainty"' in command(page)


def test_names_of_classes_are_text_and_never_markup(visit):
    page = visit("hostile")
    stroke(page, ACROSS)
    expect(verdict(page)).to_contain_text("onerror")
    assert page.locator("img[src=x]").count() == 0
    assert "owned" not in page.title()


def paste(field, text):
    field.evaluate(
        """(input, text) => {
        const data = new DataTransfer();
        data.setData("text", text);
        const event = { bubbles: true, cancelable: true, clipboardData: data };
        input.dispatchEvent(new ClipboardEvent("paste", event));
    }""",
        text,
    )


def test_a_table_is_a_form(visit):
    page = visit("table")
    page.get_by_label("a", exact=True).fill("3")
    expect(verdict(page)).to_contain_text("high")
    page.get_by_label("b <i>c</i>").fill("-9")
    expect(verdict(page)).to_contain_text("low")
    page.get_by_label("d", exact=True).fill("")
    expect(page.get_by_role("alert")).to_contain_text("d needs a number")
    paste(page.get_by_label("a", exact=True), "4\t1\t1.5")
    expect(verdict(page)).to_contain_text("high")
    assert "[[4,1,1.5]]" in command(page)
    paste(page.get_by_label("a", exact=True), "-9,5; 2;0,25")
    expect(verdict(page)).to_contain_text("low")
    assert "[[-9.5,2,0.25]]" in command(page)
    paste(page.get_by_label("a", exact=True), "7,5")
    expect(page.get_by_role("alert")).to_contain_text("one number or two")
    assert "[[-9.5,2,0.25]]" in command(page)


def test_a_text_is_typed(visit):
    page = visit("messages")
    expect(page.get_by_text("The first 40 tokens are read.")).to_be_visible()
    box = page.get_by_role("textbox", name="Text")
    box.fill('FREE "entry" <b>now</b>')
    expect(verdict(page)).to_contain_text("spam")
    assert "<b>now</b>" in command(page)
    box.fill("\u05e9\u05dc\u05d5\u05dd \U0001f600")
    expect(verdict(page)).to_contain_text("ham")
    box.fill("")
    expect(verdict(page)).to_contain_text("Nothing asked yet")


def test_a_text_is_translated(visit):
    page = visit("backwards")
    box = page.get_by_role("textbox", name="Text")
    box.fill("stressed <b>")
    answer = page.locator("output")
    expect(answer).to_have_text(">b< desserts")
    assert '"instances":["stressed <b>"]' in command(page)
    box.fill("")
    expect(answer).to_be_empty()


def test_a_series_is_gone_on_with(visit):
    page = visit("power")
    expect(page.get_by_text("The last 3 rows are read.")).to_be_visible()
    rows = ["date,load,holiday"]
    rows += [f"2024-01-01 {hour:02}:00,{10 + hour},0" for hour in range(4)]
    plan = ["2024-01-01 04:00,,0", "2024-01-01 05:00,,1"]
    box = page.get_by_role("textbox")
    expect(box).to_have_attribute("placeholder", re.compile("date,load,holi"))
    box.fill("\n".join(rows))
    expect(page.get_by_role("alert")).to_contain_text("known ahead")
    page.set_input_files(
        "input[type=file]",
        files=[{
            "name": "rows.csv",
            "mimeType": "text/csv",
            "buffer": "\n".join([*rows, *plan]).encode(),
        }],
    )  # fmt: skip
    told = page.get_by_role("row", name="2024-01-01 05:00:00")
    expect(told).to_contain_text("6.5" + "4.5" + "9")
    expect(page.get_by_role("alert")).to_have_count(0)
    chart = page.get_by_role("img", name="load (MW): 3 rows, and 2 that follow")
    painted = chart.evaluate(
        "(c) => c.getContext('2d').getImageData(0, 0, c.width, c.height)"
        ".data.some((v) => v > 0)"
    )
    assert painted
    assert '"future":[[0],[1]]' in command(page)


def test_a_sequence_of_any_length_gets_a_class(visit):
    page = visit("swings")
    expect(page.get_by_text("training had up to 40.")).to_be_visible()
    box = page.get_by_role("textbox")
    expect(box).to_have_attribute("placeholder", re.compile("step,height,load"))
    box.fill("step,height,load\n1,3,0\n2,1,0\n3,2.5,9")
    verdict = page.locator(".verdict")
    expect(verdict).to_have_text("falling 100.00 %")
    assert '"instances":[[[3,0],[1,0],[2.5,9]]]' in command(page)
    page.get_by_label("Column").select_option("load")
    expect(page.get_by_role("img", name="load: 3 rows")).to_be_visible()
    box.fill("height,load\n1,0\n2,x")
    expect(page.get_by_role("alert")).to_contain_text("no sequence")
    box.fill("")
    expect(verdict).to_have_text("Nothing asked yet.")


def test_measured_values_of_a_table_with_categories(visit):
    page = visit("homes")
    answer = page.locator("dl[role=status]")
    expect(answer).to_contain_text("price (USD)")
    expect(answer).to_contain_text("205")
    page.get_by_label("town", exact=True).fill("Ely")
    expect(answer).to_contain_text("200")
    page.get_by_label("size", exact=True).fill("1234.5")
    expect(answer).to_contain_text("12,345")
    assert '{"features":[1234.5],"categories":["Ely"]}' in command(page)
    paste(page.get_by_label("town", exact=True), "Bath\t30")
    expect(answer).to_contain_text("305")


def test_a_mask_is_laid_over_its_image(visit, tmp_path):
    page = visit("masks")
    page.set_input_files("input[type=file]", files=[png(line_picture())])
    expect(page.get_by_text("64 × 64 pixels")).to_be_visible()
    expect(page.locator(".legend")).to_contain_text("bright12.5 %")
    alpha = page.locator("canvas.layer").nth(1).evaluate(
        "(c) => [...c.getContext('2d').getImageData(0, 0, 64, 64).data]"
    )  # fmt: skip
    bright = np.reshape(alpha, (64, 64, 4))[..., 3] == 255
    np.testing.assert_array_equal(bright, line_picture() == 255)
    page.get_by_label("Opacity of the mask").fill("20")
    opacity = page.locator("canvas.layer").nth(1).evaluate(
        "(c) => getComputedStyle(c).opacity"
    )  # fmt: skip
    assert float(opacity) == pytest.approx(0.2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the mask").click()
    mask = np.asarray(Image.open(download.value.path()))
    np.testing.assert_array_equal(mask, line_picture() // 255)
    Image.fromarray(line_picture()).save(tmp_path / "picture.png")
    line = command(page)
    subprocess.run(["bash", "-c", f"{line} -s"], cwd=tmp_path, check=True)
    repeated = np.asarray(Image.open(tmp_path / "mask.png"))
    np.testing.assert_array_equal(repeated, mask)


def test_an_image_to_segment_can_be_drawn(visit):
    page = visit("masks")
    page.get_by_text("No image at hand?").click()
    stroke(page, DOWN)
    expect(page.get_by_text("256 × 256 pixels")).to_be_visible()


def test_a_picture_appears_out_of_noise(visit, core):
    page = visit("noisy")
    core.calls.clear()
    page.get_by_label("Sampler").select_option(label="Euler ancestral")
    page.get_by_label("Steps").fill("9")
    page.get_by_label("Class").select_option(label="white")
    page.get_by_label("How many").fill("4")
    page.get_by_label("Guidance").fill("3")
    page.get_by_label("Seed").fill("11")
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_text("Done in")).to_contain_text(
        "seed 11, sampler euler_ancestral, schedule karras, steps 9, "
        "eta 1, guidance 3"
    )
    assert core.calls == [("denoise", 4)] * 9
    expect(page.get_by_alt_text("The finished pictures")).to_be_visible()
    expect(page.get_by_text("--from PICTURE.png")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PNG").click()
    picture = Image.open(download.value.path())
    assert picture.size == (102, 102)
    assert '"seed":11' in picture.text["kerasnotes"]
    done = subprocess.run(
        ["bash", "-c", f"{command(page)} -s"], capture_output=True, text=True
    )
    assert '"event":"done"' in done.stdout


def test_drawing_can_be_stopped(visit, core):
    page = visit("noisy")
    slow = threading.Event()
    model = core.servables["noisy"]
    plain = model.functions["denoise"]

    def wait(tensors):
        slow.wait(0.05)
        return plain(tensors)

    model.functions["denoise"] = wait
    page.get_by_label("Steps").fill("50")
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_role("progressbar")).not_to_have_js_property("value", 0)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    model.functions["denoise"] = plain
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()


def test_an_error_is_told_where_it_happened(visit, core):
    page = visit("noisy")
    model = core.servables["noisy"]
    plain = model.functions.pop("denoise")
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_role("alert")).to_contain_text("Internal error.")
    model.functions["denoise"] = plain
    page.get_by_role("button", name="Draw").click()
    expect(page.get_by_text("Done in")).to_be_visible()
    expect(page.locator("main .error")).to_be_empty()


def test_any_other_model_is_asked_in_json(visit):
    page = visit("half_plus_two")
    page.get_by_label("JSON").fill('{"instances": [1, 2, 5]}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("pre.answer")).to_contain_text("4.5")
    page.get_by_label("JSON").fill('{"instances": ["x"]}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("expected type: float")
    page.get_by_label("JSON").fill("{")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("not JSON")


def test_a_broken_model_says_why(visit):
    page = visit("broken")
    expect(page.get_by_text("the graph is damaged")).to_be_visible()
    page.get_by_role("link", name="lines").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("lines")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("broken")


def test_a_key_is_asked_for_where_it_is_needed(visit):
    locked = Server(make_app(make_core(), KEY))
    page = visit(address=locked.address)
    page.get_by_label("This server asks for an API key").fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_contain_text("valid API key")
    page.get_by_label("This server asks for an API key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("lines")
    stroke(page, DOWN)
    expect(verdict(page)).to_contain_text("down")
    # The key itself is not shown to whoever looks over a shoulder.
    assert KEY not in command(page)
    done = subprocess.run(
        ["bash", "-c", f"{command(page)} -s"],
        env={"KN_API_KEY": KEY, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert "predictions" in done.stdout
    locked.close()
    page.get_by_role("button", name="Undo").click()
    stroke(page, ACROSS)
    expect(page.get_by_role("alert").last).to_contain_text("does not answer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_all_and_everything_has_a_name(visit, scheme):
    page = visit("lines", color_scheme=scheme, **PHONE)
    for name in MODELS:
        page.evaluate("(name) => { location.hash = name; }", name)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(name)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (name, width) <= (name, 360)
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate(CONTRAST) == []
