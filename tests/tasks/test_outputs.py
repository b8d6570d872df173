import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import StorageError
from kerasnotes.contracts.report import Prediction
from kerasnotes.tasks.outputs import PictureWriter, make_folder, write_csv

pytestmark = pytest.mark.once


def test_the_default_folder_is_the_next_free_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image = tmp_path / "cell.png"
    image.write_bytes(b"")
    names = [make_folder(None, image).name for _ in range(3)]
    assert names == [
        "cell-predictions",
        "cell-predictions-2",
        "cell-predictions-3",
    ]
    assert make_folder(None, tmp_path).name == f"{tmp_path.name}-predictions"
    assert make_folder(tmp_path / "a" / "b", image).is_dir()


def test_a_file_in_the_way_is_an_error(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(StorageError):
        make_folder(tmp_path / "out", tmp_path)


def test_no_two_pictures_share_a_name(tmp_path):
    writer = PictureWriter(tmp_path)
    mask = np.arange(6, dtype="uint8").reshape(2, 3)
    for folder in ("p", "q"):
        prediction = Prediction(Path(folder) / "a.png", {}, {"mask": mask})
        writer.write(prediction)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-2-mask.png",
        "a-mask.png",
    ]
    np.testing.assert_array_equal(Image.open(tmp_path / "a-mask.png"), mask)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_masks_keep_their_values(tmp_path, dtype):
    mask = np.array([[0, np.iinfo(dtype).max]], dtype)
    prediction = Prediction(Path("a"), {}, {"mask": mask})
    path = PictureWriter(tmp_path).write(prediction)["mask"]
    np.testing.assert_array_equal(np.asarray(Image.open(path)), mask)


def test_csv_holds_every_column(tmp_path):
    rows = [{"file": "a,b", "p": 0.5}, {"file": 'c"', "row": 2}]
    path = write_csv(rows, tmp_path)
    with open(path, newline="") as file:
        records = list(csv.DictReader(file))
    assert records[0] == {"file": "a,b", "p": "0.5", "row": ""}
    assert records[1] == {"file": 'c"', "p": "", "row": "2"}
