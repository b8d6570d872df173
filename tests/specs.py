"""Specs of one input and one target, in a line."""

from kerasnotes.data.spec import Spec


def flat(
    name,
    input,
    shape,
    dtype,
    target,
    classes,
    features=(),
    mask_values=(),
    value_range=(),
    ignore=(),
    instances=False,
):
    """Reads the arguments as a record from before there were fields."""
    return Spec.from_json(locals())


def reflat(spec, **changes):
    """Returns a spec with other arguments of `flat`."""
    given, target = spec.input, spec.target
    values = {
        "name": spec.name,
        "input": given.kind,
        "shape": given.shape,
        "dtype": given.dtype,
        "target": target.kind,
        "classes": target.classes,
        "features": given.names,
        "mask_values": target.mask_values,
        "value_range": given.value_range,
        "ignore": target.ignore,
        "instances": target.instances,
    }
    return flat(**{**values, **changes})
