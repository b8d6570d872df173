"""Folders as strangers lay them out: found, or refused by what they are."""

import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.inspect import inspect
from kerasnotes.data.load import load
from kerasnotes.data.readers.folder_names import read_name
from kerasnotes.data.splitting import PARTS

pytestmark = pytest.mark.once

CLASSES = {
    # what is on the disk: (classes, examples by part)
    ("mri/Training/glioma/{}.png", "mri/Training/none/{}.png")
    + ("mri/Testing/glioma/{}.png", "mri/Testing/none/{}.png"): (
        ("glioma", "none"),
        (9, 1, 10),
    ),
    ("TRAIN/a/{}.png", "TRAIN/b/{}.png", "Valid/a/{}.png", "Valid/b/{}.png")
    + ("TEST/a/{}.png", "TEST/b/{}.png"): (("a", "b"), (10, 10, 10)),
    ("training_set/cats/{}.jpg", "training_set/dogs/{}.jpg")
    + ("test_set/cats/{}.jpg", "test_set/dogs/{}.jpg"): (
        ("cats", "dogs"),
        (9, 1, 10),
    ),
    ("Train/Cat/{}.png", "Train/Dog/{}.png", "val/cat/{}.png")
    + ("val/dog/{}.png", "test/CAT/{}.png", "test/DOG/{}.png"): (
        ("Cat", "Dog"),
        (10, 10, 10),
    ),
    ("images/cat/{}.png", "images/dog/{}.png"): (("cat", "dog"), (7, 1, 2)),
    ("mask/{}.png", "no_mask/{}.png"): (("mask", "no_mask"), (7, 1, 2)),
    ("train/{}.png", "plane/{}.png", "car/{}.png"): (
        ("car", "plane", "train"),
        (10, 2, 3),
    ),
    ("valid/{}.png", "invalid/{}.png"): (("invalid", "valid"), (7, 1, 2)),
    ("train/a/{}.png", "train/b/{}.png", "test/{}.png"): (
        ("a", "b"),
        (7, 1, 2),
    ),
    ("deep/er/a/{}.png", "deep/er/b/{}.png"): (("a", "b"), (7, 1, 2)),
}


def sizes(data):
    return tuple(len(data.split(part)) for part in PARTS)


@pytest.mark.parametrize("patterns", CLASSES, ids=" ".join)
def test_classes_and_split_are_found(grow, config, patterns):
    classes, counts = CLASSES[patterns]
    data = load(config(grow(*patterns)))
    assert data.spec.target.kind == "class"
    assert data.spec.target.classes == classes
    assert sizes(data) == counts
    for index in range(len(data.test)):
        name = data.test.name(index).casefold()
        truth = data.spec.target.classes[data.test[index][1]]
        assert f"{truth.casefold()}/" in name
    assert data.remarks[0].startswith("Layout: a folder a class")
    assert any(", ".join(classes) in remark for remark in data.remarks)


MASKS = {
    ("Images/{}.png", "mask:Masks/{}.png"): (3, 1, 1),
    ("IMGS/{}.png", "mask:Label/{}.png"): (3, 1, 1),
    ("image/{}.jpg", "mask:labels/{}_mask.png"): (3, 1, 1),
    ("Train/Images/{}.png", "mask:Train/Masks/{}.png")
    + ("Test/images/{}.png", "mask:Test/masks/{}.png"): (4, 1, 5),
    ("images/train/{}.png", "images/val/{}.png")
    + ("mask:masks/train/{}.png", "mask:masks/val/{}.png"): (4, 5, 1),
    ("train_images/{}.png", "mask:train_masks/{}.png"): (3, 1, 1),
    ("train/{}.jpg", "mask:train_masks/{}_mask.gif"): (3, 1, 1),
    ("{}.png", "mask:{}_mask.png"): (3, 1, 1),
    ("img0{}.png", "mask:img0{}_cp_masks.png"): (3, 1, 1),
    ("case1/{}.tif", "mask:case1/{}_mask.tif")
    + ("case2/{}.tif", "mask:case2/{}_mask.tif"): (7, 1, 2),
    ("train/{}.png", "mask:train/{}_mask.png")
    + ("test/{}.png", "mask:test/{}-Label.png"): (4, 1, 5),
    ("images/img_{}.png", "mask:masks/mask_{}.png"): (3, 1, 1),
    ("images/ISIC_{}.jpg", "mask:annotations/isic_{}_segmentation.png"): (
        3,
        1,
        1,
    ),
    ("out/images/{}.png", "mask:out/masks/{}.png"): (3, 1, 1),
}


@pytest.mark.parametrize("patterns", MASKS, ids=" ".join)
def test_images_and_masks_are_found(grow, config, patterns):
    data = load(config(grow(*patterns)))
    assert data.spec.target.kind == "mask"
    assert data.spec.target.num_classes == 2
    assert sizes(data) == MASKS[patterns]
    for part in PARTS:
        for index in range(len(data.split(part))):
            _, y = data.split(part)[index]
            assert y.sum() == 36, "a mask, not a picture"
            number = int(data.split(part).name(index).split(".")[0][-1])
            assert y.any(axis=1).argmax() == number, "its own mask"
    assert data.remarks[0].startswith("Layout: ")


PICTURES = {
    ("{}.png",): (3, 1, 1),
    ("all/{}.png",): (3, 1, 1),
    ("train/{}.png", "test/{}.png"): (4, 1, 5),
    ("Training/faces/{}.png", "Testing/faces/{}.png"): (4, 1, 5),
    ("{}.jpg", "text:labels.csv"): (3, 1, 1),
    ("faces/{}.png", "folder:nobody"): (3, 1, 1),
}


@pytest.mark.parametrize("patterns", PICTURES, ids=" ".join)
def test_pictures_alone_have_no_label(grow, config, patterns):
    data = load(config(grow(*patterns), image_size=8))
    assert (data.spec.target.kind, data.spec.target.classes) == ("none", ())
    assert sizes(data) == PICTURES[patterns]
    assert data.spec.input.shape == (8, 8, 1)
    assert data.train[0][1] == 0
    assert "pictures without a label" in data.remarks[0]
    csv = any("labels.csv" in remark for remark in data.remarks)
    assert csv == ("text:labels.csv" in patterns)


REFUSED = {
    ("images/{}.png",): "has no masks/",
    ("masks/{}.png",): "has no images/",
    ("images/{}.png", "text:labels/{}.txt"): "holds no picture",
    ("images/{}.png", "mask:masks/{}.png", "mask:labels/{}.png"): (
        "two folders of masks: labels/ and masks/"
    ),
    ("train/a/{}.png", "train/b/{}.png", "training/a/{}.png"): (
        "two train parts: train/ and training/"
    ),
    ("train/a/{}.png", "train/b/{}.png", "val/a/{}.png")
    + ("validation/b/{}.png",): "two validation parts: val/ and validation/",
    ("Testing/a/{}.png", "Testing/b/{}.png"): "a split without a train/",
    ("test/{}.png", "cat/{}.png", "dog/{}.png"): "a split without a train/",
    ("train/{}.png", "test/{}.png", "cat/{}.png"): (
        "a split beside other folders"
    ),
    ("a/{}.png", "{}.png"): "5 pictures beside a folder",
    ("Cat/{}.png", "cat/{}.jpg"): "Cat/ in case only",
    ("{}.png", "{}.jpg", "mask:{}_mask.png"): "same stem as",
    ("{}.png", "mask:{}_mask.png", "mask:{}_mask_1.png"): "same stem as",
    ("text:{}.txt",): "no image among 5 files",
    ("train/images/{}.png", "mask:train/masks/{}.png", "test/images/{}.png"): (
        "has no masks/"
    ),
}


@pytest.mark.parametrize("patterns", REFUSED, ids=" ".join)
def test_what_may_be_two_layouts_is_refused(grow, config, patterns):
    with pytest.raises(DataError) as error:
        load(config(grow(*patterns)))
    assert REFUSED[patterns] in str(error.value)
    assert error.value.received


RESEMBLING = {
    ("seg_train/a/{}.png", "seg_train/b/{}.png", "seg_test/a/{}.png"): (
        "a split whose parts are not called"
    ),
    ("trainA/x/{}.png", "trainB/x/{}.png", "testA/x/{}.png"): (
        "a split whose parts are not called"
    ),
    ("train2017/{}.jpg", "val2017/{}.jpg", "cat/{}.jpg"): (
        "a split beside other folders"
    ),
    ("SKIN_images_part_1/{}.jpg", "SKIN_images_part_2/{}.jpg"): (
        "pieces of one set"
    ),
    ("fold1/{}.png", "fold2/{}.png", "fold3/{}.png"): "pieces of one set",
    ("all/case1/images/{}.png", "mask:all/case1/masks/{}.png")
    + ("all/case2/images/{}.png", "mask:all/case2/masks/{}.png"): (
        "a folder a case"
    ),
    ("original/{}.png", "mask:masks/{}.png"): "with their masks in masks/",
    ("x/{}.png", "mask:y/{}.png"): "images in x/ with their masks in y/",
    ("JPEGImages/{}.jpg", "mask:SegmentationClass/{}.png")
    + ("mask:SegmentationObject/{}.png",): "in SegmentationClass/",
    ("train/input/{}.png", "mask:train/target/{}.png"): "masks in target/",
    ("train/images/{}.png", "text:train/labels/{}.txt", "val/images/{}.png")
    + ("text:val/labels/{}.txt",): "holds no picture",
}


@pytest.mark.parametrize("patterns", RESEMBLING, ids=" ".join)
def test_folders_that_are_hardly_classes(grow, config, patterns):
    with pytest.raises(DataError) as error:
        load(config(grow(*patterns)))
    assert RESEMBLING[patterns] in str(error.value)


@pytest.mark.parametrize(
    "names",
    [("n01440764", "n02102040"), ("0", "1", "10"), ("class1", "class2")]
    + [("train station", "bus stop"), ("part", "whole"), ("test tube", "vial")],
    ids=" ".join,
)
def test_names_that_are_classes(grow, config, names):
    data = load(config(grow(*(f"{name}/{{}}.png" for name in names))))
    assert data.spec.target.classes == tuple(sorted(names))


def test_coco_is_pictures_in_a_split(grow, config):
    patterns = ("train2017/{}.jpg", "val2017/{}.jpg", "text:ann/{}.json")
    data = load(config(grow(*patterns)))
    assert (data.spec.target.kind, sizes(data)) == ("none", (4, 5, 1))


JUNK = (
    "text:Thumbs.db",
    "text:a/Thumbs.db",
    "text:a/.DS_Store",
    "text:desktop.ini",
    "text:b/Desktop.ini",
    "__MACOSX/a/{}.png",
    "a/@eaDir/{}.png",
    "a/.ipynb_checkpoints/{}.png",
    "folder:c",
)


@pytest.mark.parametrize("junk", JUNK)
def test_what_systems_leave_behind_is_no_data(grow, config, junk):
    data = load(config(grow("a/{}.png", "b/{}.png", junk)))
    assert data.spec.target.classes == ("a", "b")
    assert sizes(data) == (7, 1, 2)
    told = [remark for remark in data.remarks if "Left out" in remark]
    assert len(told) == (junk == "folder:c")
    assert not any("ignored" in remark for remark in data.remarks)


def test_what_is_left_out_is_named(grow, config):
    root = grow("a/{}.png", "b/{}.png", "text:a/notes.txt", "stray.png")
    remarks = load(config(root)).remarks
    assert any("no image in a/ ignored: notes.txt" in r for r in remarks)
    assert any("Left out: 1 pictures beside" in r for r in remarks)
    unused = grow(
        "images/{}.png", "mask:masks/{}.png", "test/{}.png", folder="m"
    )
    remarks = load(config(unused)).remarks
    assert any(r.startswith("test/ holds nothing") for r in remarks)


def test_names_of_classes_need_classes(grow, config):
    with pytest.raises(UsageError, match="no classes that --classes"):
        load(config(grow("{}.png"), classes=("a", "b")))


def test_inspection_of_pictures(grow, config):
    found = inspect(config(grow("{}.png")))
    assert not found.problems
    assert found.to_json()["parts"]["train"]["classes"] == {}
    assert found.parts["train"].count == 3


NAMES = {
    "Training": ("train", None),
    "TEST": ("test", None),
    "validation_set": ("validation", None),
    "trainImages": ("train", "images"),
    "val-masks": ("validation", "masks"),
    "Ground_Truth": (None, "masks"),
    "IMGS": (None, "images"),
    "data": (None, None),
    "trains": (None, None),
    "train_test": (None, None),
    "contest": (None, None),
    "train2017": ("train", None),
    "images2": (None, None),
    "seg_train": (None, None),
    "x-ray images": (None, None),
    "no_mask": (None, None),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_a_name_says(name):
    assert read_name(name) == NAMES[name]
