"""What a newcomer may have meant: other tools' words for verbs and options."""

from collections.abc import Collection
from typing import Any

from kerasnotes.notes import Note

OTHER_VERBS = {
    "fit": ("train", "training", "learn", "run", "start", "resume"),
    "eval": ("evaluate", "evaluation", "test", "validate", "val", "score"),
    "predict": (
        *("infer", "inference", "classify", "segment", "apply"),
        *("prediction", "label", "restore", "inpaint", "upscale"),
    ),
    "sample": ("generate", "draw", "samples", "synthesize", "create"),
    "show": ("inspect", "summary", "weights", "cat", "open", "describe"),
    "info": ("summary", "summarize", "layers", "params", "flops", "about"),
    "export": ("convert", "save", "deploy", "freeze", "onnx", "tflite"),
    "serve": ("server", "host", "api", "start-server", "web"),
    "data": ("dataset", "datasets", "check", "look", "stats"),
    "list": ("ls", "notes", "models", "zoo"),
    "config": ("configure", "settings", "options", "params-list", "init"),
    "bench": ("benchmark", "speed", "time", "profile"),
    "doctor": ("check-install", "diagnose", "version", "env", "status"),
}
"""Words for a verb, as Keras, scikit-learn and other commands use them."""

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

_ARGUMENT = "name it without an option: kn fit unet, kn eval ckpts/unet"
_DEVICE = "a GPU that the --backend sees is used by itself; see kn doctor"
IN_ITS_PLACE = {
    **dict.fromkeys(("--model", "--note", "--run", "--arch"), _ARGUMENT),
    **dict.fromkeys(("--device", "--gpu", "--gpus", "--cuda"), _DEVICE),
    "--verbose": "it says all there is to say",
    "--workers": "data is read in threads without being asked",
    "--optimizer": "it is AdamW; kn config NOTE shows what can be set",
    "--loss": "the note and its task decide; kn config NOTE shows the rest",
}
"""What to do where no option does what was asked for."""


def other_verbs(word: str) -> list[str]:
    """Returns the verbs that a word of other tools stands for."""
    name = word.lower()
    return [verb for verb, others in OTHER_VERBS.items() if name in others]


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


def in_its_place(wrong: str) -> str | None:
    """Returns what to do instead of giving an option that is none."""
    return IN_ITS_PLACE.get(wrong.lower())


def find_setting(wrong: str, note: Note) -> str | None:
    """Returns the setting that an option is named like.

    Args:
        wrong: `--width`, `--weight-decay`; `--imgsz`, as others call it.
        note: Whose own fields come first.

    Returns:
        `width`, `train.weight_decay`, or `None`.
    """
    from kerasnotes.base.config import DataConfig, TrainConfig

    given = wrong.lower()
    usual = [name for name, others in OTHER_OPTIONS.items() if given in others]
    blocks: dict[str, Any] = {
        "": note.config_class(),
        "data.": DataConfig,
        "train.": TrainConfig,
    }
    for option in (given, *usual):
        name = option.lstrip("-").replace("-", "_")
        for block, model in blocks.items():
            if name in model.model_fields:
                return f"{block}{name}"
    return None
