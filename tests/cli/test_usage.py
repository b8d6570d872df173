"""Mistakes on the command line: exit code 2, what is right, no trace left."""

import pytest

from tests.cli.conftest import listing, run_kn

pytestmark = pytest.mark.once

MISTAKES = [
    # arguments, words of the message
    ("nosuch", "no verb `nosuch`"),
    ("fti mlp", "did you mean `fit`?"),
    ("--nosuch", "No such option"),
    ("list extra", "unexpected extra argument"),
    ("fit", "Name a note to train, or a run to resume"),
    ("fit mlp --resume run", "one of the two"),
    ("fit unte", "did you mean `unet`?"),
    ("fit mlp --epoch 2", "Did you mean '--epochs'?"),
    ("fit mlp --backend theano", "'tensorflow', 'jax', 'torch'"),
    ("fit mlp --augment much", "none, light, strong, rand and any of mixup"),
    ("fit mlp --augment light+strong", "none, light, strong, rand and any"),
    ("fit mlp --data ring --augment mixup", "none for tables"),
    ("fit bcnn --augment light+mixup", "a classification for mixup"),
    ("fit unet --augment rand", "light or strong for masks"),
    ("fit ucnn --augment rand", "one channel or three"),
    ("fit ucnn --set train.label_smoothing=0.1", "no meaning for regression"),
    ("fit unet --set train.imbalance=weights", "no meaning for segmentation"),
    ("fit mlp --epochs 0", "at least 1"),
    ("fit mlp --epochs two", "not a valid integer"),
    ("fit mlp --learning-rate -1", "above 0, at most 10"),
    ("fit mlp --learning-rate nan", "cannot be nan"),
    ("fit mlp --batch-size 0", "at least 1, at most 65536"),
    ("fit mlp --seed -1", "at least 0"),
    ("fit mlp --time-limit 0", "above 0"),
    ("fit mlp --early-stop 0", "at least 1"),
    ("fit mlp --set widths", "NAME=VALUE"),
    ("fit mlp --set wdiths=[8]", "did you mean `widths`?"),
    ("fit mlp --set widths=8", "list of integer"),
    ("fit mlp --set widths=[0]", "at least 1"),
    ("fit mlp --set widths=[8", "cannot be read"),
    ("fit mlp --set data.sauce=a", "did you mean `data.source`?"),
    ("fit mlp --set train.epochs=", "cannot be None"),
    ("fit mlp --classes a,b", "10 names"),
    ("fit mlp --data digts", "did you mean `digits`?"),
    ("fit mlp --set data.test=0.95", "below 1"),
    ("fit unet --set depth=99", "at most 7"),
    ("fit unet --set patch=32", "did you mean `data.patch`?"),
    ("eval", "Missing argument"),
    ("eval run --split half", "'train', 'validation', 'test', 'all'"),
    ("predict run", "Missing argument"),
    ("predict run a.png --json --csv", "exclude each other"),
    ("export run --format tflite", "'saved_model', 'onnx', 'litert'"),
    ("show", "Missing argument"),
    (
        "info nosuch",
        "known names: backbone, bcnn, cnn, ddpm, gan, inn, kan, lstm,",
    ),
    ("info unet --data digits", "does not fit segmentation"),
    ("config mlp --set width=8", "did you mean `widths`?"),
    ("data nosuch", "known names: "),
    ("data digits --validation 2", "below 1"),
    ("data frf-chain:nose=1", "did you mean `noise`?"),
    ("data formula:x.real", "This formula holds `x.real`"),
    ("data formula:x^2", "A power is x**2."),
    ("data formula:log(x)", "has no value for"),
    ("fit kan --data formula:x;roes=9", "did you mean `rows`?"),
    ("fit mlp --set train.optimizer=lbfgs", "L-BFGS cannot train `mlp`"),
    ("fit kan --set train.optimizer=lbfgs --set train.ema=0.9", "train.ema"),
    ("fit kan --set grids=[0]", "at least 1"),
    ('fit kan --set fix=["1,1,1=sine"]', "no form of an edge"),
    ("fit kan --set products=[1,1]", "one number for each"),
    ("fit kan --set prune=0.1 --set train.optimizer=adamw", "for L-BFGS"),
    ("fit inn --set interval_layers=9", "`interval_layers=9` of 3 layers"),
    ("fit inn --set activation=gelu", "'leaky_relu', 'elu'"),
    (
        "fit inn --set train.optimizer=evolution",
        "Differential evolution cannot train `inn`",
    ),
    ("fit inn --data digits", "does not fit interval-regression"),
    ("fit inn --time-limit 9", "learns in stages of its own"),
    ("data noisy-sine:row=9", "did you mean `rows`?"),
    ("fit snn --set neuron=lief", "'lif'"),
    ("fit snn --set neuron=alpha --set alpha=0.5", "alpha above beta"),
    ("fit snn --set neuron=recurrent --set network=conv", "network=dense"),
    ("fit ucnn --data digits:noise=1", "no options"),
    ("fit ucnn --set data.labels=classes", "a regression"),
    ("fit cnn --set train.loss=huber", "no meaning for classification"),
    ("fit ucnn --set train.quantile=0.9", "needs train.loss=quantile"),
    ("data digits --set train.epochs=3", "data.NAME=VALUE"),
    ("bench nosuch", "no note called `nosuch`"),
    ("bench mlp --steps 0", "not in the range"),
]


@pytest.mark.parametrize(("words", "told"), MISTAKES, ids=lambda words: words)
def test_mistake(words, told, place):
    ended = run_kn(*words.split())
    assert ended.code == 2, ended
    assert told in ended.err
    assert "Error: " in ended.err
    assert len(ended.err.splitlines()) <= 12
    assert listing(place) == []


def test_no_verb_shows_the_verbs(place):
    ended = run_kn()
    assert ended.code == 2
    assert "Look inside a .keras file" in ended.err


def test_data_without_a_name_is_not_this_folder(place):
    ended = run_kn("data", "")
    assert (ended.code, ended.out) == (2, "")
    assert "no name" in ended.err


CONFIGS = [
    ("train: {epochs: [1", 2, "not valid YAML"),
    ("", 2, "holds no settings"),
    ("- 1", 2, "holds no settings"),
    ("note: unet", 2, "configures another note"),
    ("train: 3", 2, "holds no settings"),
    ("network: {}", 2, "unknown block `network`"),
    ("train: {epochs: 0}", 2, "at least 1"),
    ("train: {epoch: 1}", 2, "did you mean `epochs`?"),
    ("model: !!python/object:os.system {}", 2, "not valid YAML"),
    (None, 5, "Cannot read"),
]


@pytest.mark.parametrize(("text", "code", "told"), CONFIGS)
def test_config_file(text, code, told, place):
    path = place / "given.yaml"
    if text is not None:
        path.write_text(text)
    ended = run_kn("fit", "mlp", "--config", path)
    assert ended.code == code, ended
    assert told in ended.err
    assert not (place / "ckpts").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--epochs", 1, "--set", "train.epochs=2"), "--epochs 1 and --set"),
        (("--target", "a", "--set", "data.target=b"), "--target a and --set"),
        (("--data", "ring", "--set", "data.source=digits"), "--data ring and"),
        (("--threshold", 9, "--set", "data.threshold=8"), "--threshold 9 and"),
    ],
)
def test_what_is_given_twice_is_refused(place, words, told):
    ended = run_kn("fit", "mlp", *words)
    assert ended.code == 2
    assert "is given twice" in ended.err
    assert told in ended.err
