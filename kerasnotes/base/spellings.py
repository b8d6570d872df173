"""Other tools' words for the options of the command line and of Python."""

from collections.abc import Collection

OTHER_OPTIONS = {
    "--learning-rate": ("--lr", "--rate", "--alpha"),
    "--batch-size": ("--bs", "--batch", "--batchsize", "--minibatch"),
    "--epochs": ("--epoch", "--num-epochs", "--n-epochs", "--iterations"),
    "--data": ("--dataset", "--data-dir", "--input", "--train", "--source"),
    "--out": ("--output", "--output-dir", "--save", "--dest", "--name"),
    "--backend": ("--framework", "--engine", "--keras-backend"),
    "--resume": ("--continue", "--restart", "--checkpoint", "--load"),
    "--seed": ("--random-state", "--random-seed", "--rng"),
    "--early-stop": ("--patience", "--early-stopping"),
    "--precision": ("--dtype", "--amp", "--fp16", "--bf16", "--half"),
    "--augment": ("--augmentation", "--aug"),
    "--classes": ("--labels", "--names", "--class-names"),
    "--config": ("--cfg", "--config-file", "--yaml"),
    "--set": ("--param", "--model-args", "--override"),
    "--time-limit": ("--max-time", "--timeout", "--minutes"),
    "--image-size": ("--size", "--img-size", "--imgsz", "--resolution"),
    "--size": ("--image-size", "--img-size", "--imgsz", "--resolution"),
    "--count": ("--num-samples", "--number", "--samples", "--num"),
    "--samples": ("--num-samples", "--mc-samples", "--passes", "--count"),
    "--steps": ("--num-steps", "--sampling-steps", "--inference-steps"),
    "--guidance": ("--cfg", "--cfg-scale", "--guidance-scale", "--scale"),
    "--format": ("--type", "--to", "--target"),
    "--split": ("--part", "--subset", "--on"),
}
"""Usual spellings of an option; a verb is asked about its own only."""


def other_options(wrong: str, known: Collection[str]) -> list[str]:
    """Returns the options that an unknown one usually stands for.

    Args:
        wrong: As it was written, `--lr` or `--batch_size`.
        known: The options of the verb.
    """
    name = wrong.lower().replace("_", "-")
    if name in known:
        return [name]
    return [
        option
        for option, others in OTHER_OPTIONS.items()
        if name in others and option in known
    ]


def other_keywords(wrong: str, known: Collection[str]) -> list[str]:
    """Returns the keywords, `learning_rate`, that `lr` usually stands for."""
    options = {f"--{name.replace('_', '-')}": name for name in known}
    found = other_options(f"--{wrong}", options)
    return [options[option] for option in found]
