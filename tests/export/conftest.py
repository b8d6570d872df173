import pytest

from kerasnotes.runs import saving
from tests.specs import flat

IMAGES = flat("cells", "image", (16, 16, 1), "uint8", "mask", ("a", "b"))
TABLE = flat("wine", "table", (4,), "float32", "class", ("x", "y", "z"))


def make_unet():
    from kerasnotes.notes.unet.config import UNetConfig
    from kerasnotes.notes.unet.note import UNet

    # `valid` slices by the image's own size, which is free.
    config = UNetConfig(width=2, depth=1, padding="valid")
    return UNet(config, IMAGES, [127.0], [4000.0])


def make_mlp():
    from kerasnotes.notes.mlp.config import MLPConfig
    from kerasnotes.notes.mlp.note import MLP

    means = [0.0, 1.0, 2.0, 3.0]
    return MLP(MLPConfig(widths=(8,)), TABLE, means, [1.0, 2.0, 3.0, 4.0])


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A `.keras` file of each note, by name."""
    folder = tmp_path_factory.mktemp("files")
    paths = {}
    for name, make, spec in (
        ("unet", make_unet, IMAGES),
        ("mlp", make_mlp, TABLE),
    ):
        record = {"note": name, "spec": spec.to_json(), "seed": 3}
        paths[name] = folder / f"{name}.keras"
        saving.save_model(make(), paths[name], record)
    return paths
