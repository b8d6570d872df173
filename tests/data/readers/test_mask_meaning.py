"""What the values of masks mean, however the files were saved."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from kerasnotes.base.errors import DataError
from kerasnotes.data.fields import VOID
from kerasnotes.data.inspect import inspect
from kerasnotes.data.load import load

pytestmark = pytest.mark.once

SIDE = 24


def square(number, side=SIDE):
    """A square that grows; number 0 is all ground, number 5 all object."""
    truth = np.zeros((side, side), bool)
    width = side * number // 5
    truth[:width, :width] = True
    return truth


TRUTHS = [square(number) for number in range(6)]


@pytest.fixture
def write(tmp_path):
    """Writes six grey images and what `save(truth, path)` makes of masks."""

    def write(save, truths=TRUTHS, suffix=".png"):
        root = tmp_path / "pairs"
        for name in ("images", "masks"):
            (root / name).mkdir(parents=True)
        for number, truth in enumerate(truths):
            Image.fromarray(np.uint8(truth * 7)).save(
                root / "images" / f"{number}.png"
            )
            save(truth, root / "masks" / f"{number}{suffix}")
        return root

    return write


@pytest.fixture
def read(config):
    """Loads a folder whole into the training part."""

    def read(root, **fields):
        return load(config(root, test=0, validation=0, **fields))

    return read


def refused(read, root, words, **fields):
    with pytest.raises(DataError) as error:
        read(root, **fields)
    for word in words:
        assert word in str(error.value)


def as_palette(truth, colours):
    """Returns a palette image that numbers the colours it holds anew."""
    used = sorted({int(v) for v in np.unique(truth)}, reverse=True)
    image = Image.fromarray(
        np.searchsorted(-np.array(used), -truth.astype(int)).astype("uint8"),
        "P",
    )
    image.putpalette([part for value in used for part in colours[value]])
    return image


BLACK, WHITE, RED, BLUE = (0, 0, 0), (255,) * 3, (255, 0, 0), (0, 0, 255)


def white_on_black(truth, path):
    as_palette(truth, (BLACK, WHITE)).save(path)


def white_by_pillow(truth, path):
    Image.fromarray(np.uint8(truth * 255)).convert(
        "P", palette=Image.Palette.ADAPTIVE, colors=2
    ).save(path)


def grey_gif(truth, path):
    Image.fromarray(np.uint8(truth * 255)).save(path)


def transparent_ground(truth, path):
    image = as_palette(truth, (BLACK, WHITE))
    image.info["transparency"] = int(truth.max())
    image.save(path)


def one_of_each(truth, path):
    kind = int(path.stem) % 3
    if kind == 0:
        return white_on_black(truth, path)
    image = Image.fromarray(np.uint8(truth * 255))
    return (image if kind == 1 else image.convert("1")).save(path)


PALETTES = {
    white_on_black: ".png",
    white_by_pillow: ".png",
    grey_gif: ".gif",
    transparent_ground: ".png",
    one_of_each: ".png",
}


@pytest.mark.parametrize("save", PALETTES, ids=lambda save: save.__name__)
def test_colours_decide_where_palettes_differ(write, read, config, save):
    """An all-white mask whose palette is white alone has index 0."""
    root = write(save, suffix=PALETTES[save])
    data = read(root)
    assert data.spec.target.mask_values == (0, 255)
    for index, truth in enumerate(TRUTHS):
        np.testing.assert_array_equal(data.train[index][1], truth)
    found = inspect(config(root, test=0, validation=0))
    seen = sum(truth.sum() for truth in TRUTHS)
    assert found.parts["train"].balance[1] == seen


def test_gif_masks_are_those_seen(write, read):
    root = write(white_on_black, suffix=".gif")
    data = read(root)
    for index, truth in enumerate(TRUTHS):
        np.testing.assert_array_equal(data.train[index][1], truth)


VOC = [BLACK, (128, 0, 0), (0, 128, 0), (128, 128, 0)]


def voc(labels, path):
    image = Image.fromarray(labels.astype("uint8"), "P")
    image.putpalette([part for colour in VOC for part in colour])
    image.save(path)


def labelled(number):
    labels = np.zeros((SIDE, SIDE), "uint8")
    for value in range(1, 2 + number % 3):
        labels[value::4, number:] = value
    return labels


LABELS = [labelled(number) for number in range(6)]


def test_one_palette_for_all_is_the_same_by_index_and_by_colour(write, read):
    root = write(voc, LABELS)
    by_index = read(root)
    assert by_index.spec.target.mask_values == (0, 1, 2, 3)
    assert any("1 #800000" in remark for remark in by_index.remarks)
    lines = [",".join(map(str, colour)) for colour in VOC]
    names = [f"{line} class{i}\n" for i, line in enumerate(lines)]
    (root / "classes.txt").write_text("".join(names))
    by_colour = read(root)
    for index in range(len(LABELS)):
        first, second = by_index.train[index][1], by_colour.train[index][1]
        named = np.array(by_colour.spec.target.classes)[second]
        assert (named == np.char.add("class", first.astype(str))).all()


def test_coloured_palettes_that_differ_ask_for_names(write, read):
    def save(labels, path):
        as_palette(labels, VOC).save(path)

    root = write(save, LABELS)
    refused(read, root, ["a colour mask", "no classes.txt"])
    (root / "classes.txt").write_text(
        "0,0,0 a\n128,0,0 b\n0,128,0 c\n128,128,0 d\n"
    )
    data = read(root)
    order = [data.spec.target.classes.index(name) for name in "abcd"]
    for index, labels in enumerate(LABELS):
        np.testing.assert_array_equal(
            data.train[index][1], np.array(order)[labels]
        )


@pytest.mark.parametrize("place", ["", "deep", "deep/masks"])
def test_names_are_found_beside_the_masks(write, read, tmp_path, place):
    (tmp_path / "all").mkdir()
    root = write(voc, LABELS).rename(tmp_path / "all" / "deep").parent
    (root / place / "classes.txt").write_text("0 a\n1 b\n2 c\n3 d\n")
    assert read(root).spec.target.classes == ("a", "b", "c", "d")


def test_numbers_of_one_colour_are_asked_about(write, read):
    """Labels under an empty palette: a viewer sees nothing but black."""

    def save(labels, path):
        image = Image.fromarray(labels, "P")
        image.putpalette([0] * 12)
        image.save(path)

    root = write(save, LABELS)
    refused(read, root, ["several numbers one colour", "classes.txt"])
    data = read(root, classes=tuple("abcd"))
    np.testing.assert_array_equal(data.train[2][1], LABELS[2])


def test_the_colours_found_are_listed(write, config):
    def save(truth, path):
        Image.fromarray(
            np.where(truth[..., None], RED, BLACK).astype("uint8")
        ).save(path)

    notes = inspect(config(write(save))).notes
    [told] = [note for note in notes if "Colours of the masks" in note]
    assert "0,0,0 (6" in told
    assert "255,0,0 (3" in told


def test_white_is_white_in_colour_masks_too(write, read):
    """One file holds black and white only, and is grey by itself."""

    def save(labels, path):
        colours = np.array([BLACK, WHITE, RED, BLUE], "uint8")
        kept = labels if path.stem != "1" else np.minimum(labels, 1)
        Image.fromarray(colours[kept]).save(path)

    root = write(save, LABELS)
    (root / "classes.txt").write_text(
        "0,0,0 a\n255,255,255 b\n255,0,0 c\n0,0,255 d\n"
    )
    data = read(root)
    assert data.train[1][1].max() > 0


def jpeg(truth, quality=60):
    file = io.BytesIO()
    Image.fromarray(np.uint8(truth * 255)).save(file, "JPEG", quality=quality)
    return Image.open(file)


def blurred(truth, path):
    image = Image.fromarray(np.uint8(truth * 255))
    image.filter(ImageFilter.GaussianBlur(1.5)).save(path)


def resized(truth, path):
    image = Image.fromarray(np.uint8(truth * 255)).resize((72, 72))
    image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, (1, 1, 70, 69)).save(
        path
    )


def from_jpeg(truth, path):
    jpeg(truth, 30).save(path)


def as_jpeg(truth, path):
    soft = Image.fromarray(np.uint8(truth * 255))
    soft.filter(ImageFilter.GaussianBlur(2)).save(path, quality=95)


def three_levels(truth, path):
    small = Image.fromarray(np.uint8(truth * 255)).resize((72, 72))
    small.reduce(3).point(lambda v: 85 * round(v / 85)).filter(
        ImageFilter.BoxBlur(1)
    ).save(path)


def heat(truth, path):
    noise = np.random.default_rng(int(path.stem)).normal(0, 30, truth.shape)
    smooth = Image.fromarray(
        np.uint8(np.clip(128 + 90 * truth + noise, 0, 255))
    )
    smooth.filter(ImageFilter.GaussianBlur(1)).save(path)


DISCS = [
    np.hypot(*(np.mgrid[:SIDE, :SIDE] - 12.3)) < radius
    for radius in (3, 5, 6.5, 8, 9.5, 11)
]
SOFT = {
    blurred: ".png",
    resized: ".png",
    from_jpeg: ".png",
    as_jpeg: ".jpg",
    three_levels: ".png",
    heat: ".png",
}


@pytest.mark.parametrize("save", SOFT, ids=lambda save: save.__name__)
def test_soft_edges_are_refused_and_a_threshold_helps(write, read, save):
    root = write(save, DISCS, SOFT[save])
    refused(read, root, ["--threshold 128", "makes two classes"])
    data = read(root, threshold=128)
    assert data.spec.target.mask_values == (0, 255)
    for index, truth in enumerate(DISCS):
        path = root / "masks" / f"{index}{SOFT[save]}"
        grey = np.asarray(Image.open(path).convert("L"))
        np.testing.assert_array_equal(data.train[index][1], grey >= 128)
        if save is not heat:
            assert (data.train[index][1] == truth).mean() > 0.9


def test_discs_as_narrow_as_their_blur_are_soft(write, read):
    """Of them no plain is left, but for the ground."""
    rows, columns = np.mgrid[:48, :48]
    truths = [np.hypot(rows - 20 - i, columns - 24) < 5.5 for i in range(3)]

    def save(truth, path):
        whole = Image.fromarray(np.uint8(truth * 255))
        whole.filter(ImageFilter.GaussianBlur(2)).save(path)

    refused(read, write(save, truths), ["soft edges", "--threshold 128"])


def test_a_threshold_is_between_the_values_that_are_there(write, read):
    def save(truth, path):
        dark = Image.fromarray(np.uint8(truth * 90))
        dark.filter(ImageFilter.GaussianBlur(1.5)).save(path)

    root = write(save, DISCS)
    refused(read, root, ["--threshold 45 makes two classes"])
    assert read(root, threshold=45).spec.target.mask_values == (0, 255)


def test_a_jpeg_of_three_greys_is_not_black_and_white(write, read):
    """A small third class is a region, and no ringing of the encoder."""
    truths = [disc * 255 for disc in DISCS]
    for truth in truths:
        truth[:6, :6] = 127

    def save(truth, path):
        Image.fromarray(np.uint8(truth)).save(path, quality=90)

    root = write(save, truths, ".jpg")
    refused(read, root, ["a JPEG mask that is not black and white"])


def test_a_threshold_that_leaves_one_class(write, read):
    root = write(blurred, DISCS)
    refused(read, root, ["single class", "below 256"], threshold=256)
    for path in (root / "masks").iterdir():
        Image.new("L", (24, 24), 9).save(path)
    refused(read, root, ["no pixel is below 9"], threshold=9)
    refused(read, root, ["no pixel of any mask is 0"], instances=True)


def test_soft_edges_in_arrays(tmp_path, config):
    masks = np.stack(
        [
            np.asarray(
                Image.fromarray(np.uint8(disc * 255)).filter(
                    ImageFilter.GaussianBlur(1.5)
                )
            )
            for disc in DISCS
        ]
    )
    np.savez(tmp_path / "m.npz", x=masks, y=masks)
    with pytest.raises(DataError, match="--threshold 128"):
        load(config(tmp_path / "m.npz"))
    data = load(config(tmp_path / "m.npz", threshold=100, test=0))
    assert data.spec.target.mask_values == (0, 255)
    for index in range(len(data.train)):
        x, y = data.train[index]
        np.testing.assert_array_equal(y, x[..., 0] >= 100)


HARD = {
    "trimap": (0, 128, 255),
    "grey levels": (0, 64, 128, 192),
    "twenty classes": tuple(range(20)),
    "high values": (10, 250),
}


@pytest.mark.parametrize("kind", HARD)
def test_classes_are_no_soft_edges(write, read, kind):
    values = np.array(HARD[kind], "uint8")
    blocks = [
        values[(np.arange(400).reshape(20, 20) + i) % len(values)]
        .repeat(4, 0)
        .repeat(4, 1)
        for i in range(5)
    ]

    def save(labels, path):
        Image.fromarray(labels).save(path)

    data = read(write(save, blocks))
    assert data.spec.target.mask_values == tuple(values)
    shown = any("taken for classes" in remark for remark in data.remarks)
    assert shown == (kind in ("trimap", "grey levels", "high values"))


def cells(first, count, side=48):
    """`count` squares of 6 pixels, numbered from `first`."""
    mask = np.zeros((side, side), "uint16")
    for number in range(count):
        row, column = divmod(number, 6)
        mask[8 * row : 8 * row + 6, 8 * column : 8 * column + 6] = (
            first + number
        )
    return mask


def skipping(mask, step=3):
    return np.where(mask % step == 1, 0, mask)


NUMBERED = {
    "each in one mask": [cells(1, 6), cells(7, 5), cells(12, 6), cells(1, 0)],
    "counted in each": [cells(1, n) for n in (4, 9, 12, 7)],
    "large numbers": [cells(1000 * n, 6) for n in range(1, 5)],
    "many, some missing": [skipping(cells(1, n)) for n in (30, 36, 33, 25)],
    "some hidden": [
        np.where(np.isin(cells(1, n), (2, 5)), 0, cells(1, n))
        for n in (7, 9, 12, 8)
    ],
    "two masks": [cells(1, 5), cells(6, 7)],
    "with void": [
        np.where(np.arange(48) < 46, cells(1, n), 255) for n in (5, 9, 3)
    ],
}


@pytest.mark.parametrize("kind", NUMBERED)
def test_instance_numbers_are_refused_and_joined(write, read, kind):
    masks = NUMBERED[kind]

    def save(mask, path):
        Image.fromarray(mask).save(path)

    root = write(save, masks)
    refused(read, root, ["instance numbers", "--instances", "--classes"])
    ignore = 255 if kind == "with void" else None
    data = read(root, instances=True, ignore=ignore)
    assert data.spec.target.mask_values == (0, 255)
    for index, mask in enumerate(masks):
        void = mask == 255 if ignore else np.zeros_like(mask, bool)
        wanted = np.where(void, VOID, mask > 0)
        np.testing.assert_array_equal(data.train[index][1], wanted)


def test_few_numbers_are_classes_and_asked_about(write, read):
    def save(mask, path):
        Image.fromarray(mask).save(path)

    root = write(save, [cells(1, n) for n in (1, 2, 3, 2, 3)])
    data = read(root)
    assert data.spec.target.num_classes == 4
    told = " ".join(data.remarks)
    assert "counts from 1, to 3 at most" in told
    assert "--instances" in told
    assert read(root, instances=True).spec.target.mask_values == (0, 255)


def discs(radii, seed):
    """A mask of one disc a radius, numbered from 1, in places of chance."""
    rng = np.random.default_rng(seed)
    places = rng.permutation(4)
    mask = np.zeros((48, 48), "uint8")
    rows, columns = np.indices(mask.shape)
    for number, radius in enumerate(radii):
        top, left = divmod(int(places[number]), 2)
        far = (rows - 12 - 24 * top) ** 2 + (columns - 12 - 24 * left) ** 2
        mask[far <= radius**2] = number + 1
    return mask


@pytest.mark.parametrize("kind", ["objects", "organs", "few"])
def test_numbers_alike_in_every_mask_are_asked_about(write, read, kind):
    def save(mask, path):
        Image.fromarray(mask).save(path)

    rng = np.random.default_rng(3)
    usual = [5.0, 8.0, 6.5, 9.5] if kind == "organs" else [7.0] * 4
    masks = [
        discs(usual * rng.uniform(0.75, 1.15, 4), seed)
        for seed in range(4 if kind == "few" else 12)
    ]
    data = read(write(save, masks))
    assert data.spec.target.num_classes == 5
    told = " ".join(data.remarks)
    assert ("If they number objects: --instances" in told) == (
        kind == "objects"
    )


def test_classes_in_several_pieces_are_not_asked_about(write, read):
    def save(mask, path):
        Image.fromarray(mask).save(path)

    masks = [
        np.maximum(discs([7.0] * 4, n), np.fliplr(discs([3.0] * 4, n)))
        for n in range(12)
    ]
    assert "--instances" not in " ".join(read(write(save, masks)).remarks)


def test_classes_that_are_not_counted_are_not_asked_about(write, read):
    def save(mask, path):
        Image.fromarray(mask).save(path)

    some = [cells(1, 3), np.where(cells(1, 3) == 1, 0, cells(1, 3))]
    data = read(write(save, some))
    assert "--instances" not in " ".join(data.remarks)


def test_coloured_instances_are_joined(write, read):
    def save(mask, path):
        colours = np.random.default_rng(1).integers(20, 255, (99, 3), "uint8")
        colours[0] = 0
        Image.fromarray(colours[mask]).save(path)

    root = write(save, [cells(1, n) for n in (4, 9, 12)])
    refused(read, root, ["a colour mask"])
    data = read(root, instances=True)
    np.testing.assert_array_equal(data.train[0][1], cells(1, 4) > 0)


def test_named_classes_are_no_instances(write, read):
    """Organs are in one piece each, and counted."""

    def save(mask, path):
        Image.fromarray(mask.astype("uint8")).save(path)

    root = write(save, [cells(1, n) for n in (4, 9, 12, 7)])
    data = read(root, classes=tuple("abcdefghijklm"))
    assert data.spec.target.num_classes == 13


def test_organ_and_tumour_are_two_classes(write, read):
    def save(mask, path):
        Image.fromarray(mask).save(path)

    root = write(save, [np.minimum(cells(1, n), 2) for n in (0, 1, 2, 2)])
    assert read(root).spec.target.mask_values == (0, 1, 2)


def with_void(labels, path):
    raw = labels.copy()
    raw[:3] = 255
    Image.fromarray(raw).save(path)


def test_void_is_asked_about_and_left_out(write, read, config):
    root = write(with_void, LABELS)
    refused(read, root, ["unknown value 255", "--ignore 255"])
    data = read(root, ignore=255)
    assert data.spec.target.mask_values == (0, 1, 2, 3)
    assert data.spec.target.ignore == (255,)
    for index, labels in enumerate(LABELS):
        y = data.train[index][1]
        assert (y[:3] == VOID).all()
        np.testing.assert_array_equal(y[3:], labels[3:])
    found = inspect(config(root, ignore=255, test=0, validation=0))
    rest = np.stack([labels[3:] for labels in LABELS])
    np.testing.assert_array_equal(
        found.parts["train"].balance, np.bincount(rest.ravel())
    )
    assert any("12.50 % of all mask pixels" in note for note in found.notes)


def test_masks_on_two_scales_are_read_alike_by_a_threshold(write, read, config):
    def save(truth, path):
        Image.fromarray(np.uint8(truth * (1 + 254 * (path.stem < "3")))).save(
            path
        )

    root = write(save)
    refused(read, root, ["others 0 and 1: --threshold 1 reads both alike"])
    data = read(root, threshold=1)
    for index, truth in enumerate(TRUTHS):
        np.testing.assert_array_equal(data.train[index][1], truth)
    found = inspect(config(root))
    assert {p.kind for p in found.problems} == {"unknown mask value"}


def test_void_of_a_palette_and_of_arrays(write, read, tmp_path, config):
    def save(labels, path):
        raw = labels.copy()
        raw[:3] = 255
        image = Image.fromarray(raw, "P")
        table = np.full((256, 3), 224, "uint8")
        table[:4] = VOC
        image.putpalette(table.ravel().tolist())
        image.save(path)

    first = read(write(save, LABELS), ignore=255)
    masks = np.stack(LABELS).astype("int64")
    masks[:, :3] = 255
    np.savez(tmp_path / "m.npz", x=np.uint8(masks), y=masks)
    second = load(config(tmp_path / "m.npz", ignore=255, test=0, validation=0))
    for index in range(len(LABELS)):
        np.testing.assert_array_equal(
            first.train[index][1], second.train[index][1]
        )


def constant_colour(truth, path):
    _rgba(np.full((*truth.shape, 3), 255), truth, path)


def black_everywhere(truth, path):
    _rgba(np.zeros((*truth.shape, 3)), truth, path)


def cut_out(truth, path):
    photo = np.random.default_rng(0).integers(0, 256, (*truth.shape, 3))
    _rgba(photo, truth, path)


def grey_with_alpha(truth, path):
    white = Image.new("L", truth.shape[::-1], 255)
    alpha = Image.fromarray(np.uint8(truth * 255))
    Image.merge("LA", (white, alpha)).save(path)


def red_on_red(truth, path):
    _rgba(np.broadcast_to(RED, (*truth.shape, 3)), truth, path)


def _rgba(colours, truth, path):
    alpha = truth[..., None] * 255
    pixels = np.concatenate([colours, alpha], -1).astype("uint8")
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    "save",
    [constant_colour, black_everywhere, cut_out, grey_with_alpha, red_on_red],
    ids=lambda save: save.__name__,
)
def test_a_mask_in_the_alpha_channel(write, read, save):
    data = read(write(save))
    assert data.spec.target.mask_values == (0, 255)
    for index, truth in enumerate(TRUTHS):
        np.testing.assert_array_equal(data.train[index][1], truth)
    assert any("alpha channel" in remark for remark in data.remarks)


def test_alpha_that_tells_nothing_new_is_passed_over(write, read):
    def save(truth, path):
        colours = np.where(truth[..., None], WHITE, BLACK)
        _rgba(colours, truth, path)

    data = read(write(save))
    np.testing.assert_array_equal(data.train[3][1], TRUTHS[3])
    assert not any("alpha" in remark for remark in data.remarks)


def test_colour_and_alpha_that_differ_are_asked_about(write, read):
    def save(truth, path):
        colours = np.where(np.eye(SIDE, dtype=bool)[..., None], RED, BLUE)
        _rgba(colours, truth, path)

    refused(read, write(save), ["which of them is the mask?"])


def test_one_file_without_the_alpha_of_the_others(write, read):
    root = write(constant_colour)
    Image.fromarray(np.uint8(TRUTHS[2])).save(root / "masks" / "2.png")
    refused(read, root, ["2.png: no alpha channel"])


STACKS = (".tif", ".gif", ".webp", ".png")


@pytest.mark.parametrize("suffix", STACKS)
def test_pages_are_not_dropped(grow, config, suffix):
    """Today's reader takes one picture a file, and says so before training."""
    pages = [
        Image.fromarray(np.full((12, 12), 40 * i, "uint8")) for i in range(5)
    ]
    root = grow("a/{}.png", "b/{}.png")
    pages[0].save(
        root / "a" / f"stack{suffix}", save_all=True, append_images=pages[1:]
    )
    with pytest.raises(DataError, match=f"a/stack{suffix}: 5 pages"):
        load(config(root))


@pytest.mark.parametrize("kind", ["images", "masks"])
def test_pages_of_images_and_masks(write, read, kind):
    root = write(lambda t, path: Image.fromarray(np.uint8(t)).save(path))
    (root / kind / "1.png").unlink()
    pages = [Image.fromarray(np.uint8(t)) for t in TRUTHS]
    pages[1].save(root / kind / "1.tif", save_all=True, append_images=pages[2:])
    refused(read, root, ["1.tif: 5 pages", "tiffsplit"])
