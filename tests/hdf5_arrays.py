"""Arrays of HDF5 files: states and weights."""

import h5py


def read_arrays(path):
    """Returns every array of an HDF5 file by its path."""
    arrays = {}

    def visit(name, node):
        if isinstance(node, h5py.Dataset):
            arrays[name] = node[()]

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return arrays
