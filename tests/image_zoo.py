"""Image files as strangers have them: every mode, format and way up."""

import io
import itertools

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

ORIENTATION = 0x0112


def smooth(height, width, channels, seed=0, most=255):
    """Returns a picture `(H, W, C)` with edges and slopes, float64."""
    rng = np.random.default_rng(seed)
    rough = rng.uniform(0, most, (4, 4, channels))
    planes = [
        np.asarray(
            Image.fromarray(rough[..., c].astype("float32")).resize(
                (width, height), Image.Resampling.BICUBIC
            )
        )
        for c in range(channels)
    ]
    picture = np.clip(np.stack(planes, -1), 0, most)
    picture[: height // 3, : width // 4] = most * rng.uniform(size=channels)
    return picture


def _eight(channels, mode):
    def make(size, seed):
        pixels = smooth(*size, channels, seed).astype("uint8")
        return Image.frombytes(mode, size[::-1], pixels.tobytes())

    return make


def palette(size, seed):
    return _eight(3, "RGB")(size, seed).quantize(60)


def few_colours(size, seed):
    """A palette of fewer bits than 8."""
    return _eight(3, "RGB")(size, seed).quantize(5)


def holed_palette(size, seed):
    """A palette one colour of which is transparent."""
    image = palette(size, seed)
    image.info["transparency"] = image.getpixel((0, 0))
    return image


def keyed(channels):
    """One grey, or one colour, that is transparent."""

    def make(size, seed):
        image = _eight(channels, "L" if channels == 1 else "RGB")(size, seed)
        image.info["transparency"] = image.getpixel((0, 0))
        return image

    return make


def bits(size, seed):
    return Image.fromarray(smooth(*size, 1, seed)[..., 0] > 120)


def deep(size, seed):
    pixels = smooth(*size, 1, seed, 65535).astype("uint16")
    return Image.fromarray(pixels[..., 0])


def floats(size, seed):
    pixels = smooth(*size, 1, seed, 1).astype("float32")
    return Image.fromarray(pixels[..., 0])


KINDS = {
    "grey": (_eight(1, "L"), ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")),
    "colour": (
        _eight(3, "RGB"),
        ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "PPM", "JPEG2000", "TGA", "PCX"),
    ),
    "grey alpha": (_eight(2, "LA"), ("PNG", "TIFF", "WEBP")),
    "alpha": (_eight(4, "RGBA"), ("PNG", "TIFF", "WEBP", "JPEG2000")),
    "palette": (palette, ("PNG", "GIF", "BMP", "TIFF")),
    "few colours": (few_colours, ("PNG",)),
    "holed palette": (holed_palette, ("PNG", "GIF")),
    "grey key": (keyed(1), ("PNG",)),
    "colour key": (keyed(3), ("PNG",)),
    "bits": (bits, ("PNG", "TIFF", "BMP")),
    "deep": (deep, ("PNG", "TIFF")),
    "floats": (floats, ("TIFF",)),
    "cmyk": (_eight(4, "CMYK"), ("JPEG", "TIFF")),
}
SIZES = ((8, 8), (9, 23), (40, 31), (150, 97), (28, 28), (64, 64))


def save(image, form, orientation):
    """Returns the bytes of a file; `orientation` as EXIF has it."""
    options = {}
    if orientation != 1:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        options["exif"] = exif
    if form == "JPEG":
        options["quality"] = 92
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("comment", "made for a test")
        options["pnginfo"] = text
    if "transparency" in image.info and form in ("PNG", "GIF"):
        options["transparency"] = image.info["transparency"]
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def files():
    """Yields name and bytes of some hundred files."""
    turns = itertools.cycle(range(1, 9))
    sizes = itertools.cycle(SIZES)
    seeds = itertools.count()
    for kind, (make, forms) in KINDS.items():
        for form in forms:
            turned = form in ("JPEG", "PNG", "WEBP", "TIFF")
            for _ in range(6 if turned else 4):
                size, turn = next(sizes), next(turns) if turned else 1
                name = f"{kind} {form} {size[0]}x{size[1]} turned {turn}"
                yield name, save(make(size, next(seeds)), form, turn)


def upright(data):
    """Returns a file's picture by Pillow alone, as a viewer shows it."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    over = Image.new("RGBA", image.size, "white")
    over.alpha_composite(image.convert("RGBA"))
    return over.convert("RGB")
