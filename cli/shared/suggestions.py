"""What a newcomer may have meant: words for verbs, and what no option does."""

from typing import Any

from kerasnotes.base.spellings import OTHER_OPTIONS
from kerasnotes.notes import Note

OTHER_VERBS = {
    "fit": ("train", "training", "learn", "run", "start", "resume"),
    "eval": ("evaluate", "evaluation", "test", "validate", "val", "score"),
    "predict": (
        *("infer", "inference", "classify", "segment", "apply"),
        *("prediction", "label", "restore", "inpaint", "upscale"),
    ),
    "sample": ("generate", "draw", "samples", "synthesize", "create"),
    "runs": ("history", "experiments", "diff", "results"),
    "compare": ("versus", "vs", "against", "side-by-side", "rank"),
    "show": ("inspect", "summary", "weights", "cat", "open", "describe"),
    "info": ("summary", "summarize", "layers", "params", "flops", "about"),
    "export": ("convert", "save", "deploy", "freeze", "onnx", "tflite"),
    "serve": ("server", "host", "api", "start-server", "web"),
    "data": ("dataset", "datasets", "check", "look", "stats"),
    "list": ("ls", "notes", "models", "zoo"),
    "config": ("configure", "settings", "options", "params-list", "init"),
    "ensemble": ("combine", "average", "stack", "vote", "merge"),
    "landscape": ("surface", "paths", "optimizers", "loss"),
    "bench": ("benchmark", "speed", "time", "profile"),
    "doctor": ("check-install", "diagnose", "version", "env", "status"),
}
"""Words for a verb, as Keras, scikit-learn and other commands use them."""

_ARGUMENT = "name it without an option: kn fit unet, kn eval ckpts/unet"
_DEVICE = "a GPU that the --backend sees is used by itself; see kn doctor"
IN_ITS_PLACE = {
    **dict.fromkeys(("--model", "--note", "--run", "--arch"), _ARGUMENT),
    **dict.fromkeys(("--device", "--gpu", "--gpus", "--cuda"), _DEVICE),
    "--verbose": "it says all there is to say",
    "--workers": "data is read in threads without being asked",
    "--optimizer": "--set train.optimizer=adam; kn config NOTE shows all",
    "--loss": "of measured values: --set train.loss=huber; else the task's",
}
"""What to do where no option does what was asked for."""


def other_verbs(word: str) -> list[str]:
    """Returns the verbs that a word of other tools stands for."""
    name = word.lower()
    return [verb for verb, others in OTHER_VERBS.items() if name in others]


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
