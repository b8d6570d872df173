"""Makes the pictures of README.md from two runs.

    kn fit unet
    kn fit ddpm
    python docs/images/make.py

The figures are cut to what one looks at and given fewer colours, so that the
sources stay small.
"""

import subprocess
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
ROWS = 0.473
"""Part of the figure of predictions that is shown, from its top."""
WIDTH = 960
COLOURS = 256
SAMPLE = (
    "kn sample ckpts/ddpm -n 6 --sampler dpmpp_2m --schedule uniform "
    "--steps 20 --guidance 2 --seed 1 -o {folder}/samples.png "
    "--trajectory {folder}/way.png"
)


def shrink(picture: Image.Image, width: int) -> Image.Image:
    """Returns a picture of this width in few colours."""
    height = round(picture.height * width / picture.width)
    small = picture.convert("RGB").resize((width, height), Image.LANCZOS)
    # The usual way keeps the many greys and loses the few colours.
    kept = Image.Quantize.MAXCOVERAGE
    return small.quantize(COLOURS, method=kept, dither=Image.Dither.NONE)


def main() -> None:
    """Writes unet.png and ddpm.png beside this file."""
    figure = Image.open("ckpts/unet/predictions.png")
    shown = figure.crop((0, 0, figure.width, round(figure.height * ROWS)))
    shrink(shown, WIDTH).save(HERE / "unet.png", optimize=True)
    folder = Path("ckpts/ddpm")
    subprocess.run(SAMPLE.format(folder=folder).split(), check=True)
    way = Image.open(folder / "way.png")
    way.save(HERE / "ddpm.png", optimize=True)


if __name__ == "__main__":
    main()
