"""`kn serve` up to the moment it listens: what it is told, what it says."""

import json

import pydantic
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.serving.engine.batch_options import BatchOptions
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.process import process
from kerasnotes.serving.process.options import ServeOptions
from kerasnotes_cli.serve_options import settings
from tests.cli.conftest import run_kn

pytestmark = pytest.mark.once


@pytest.fixture
def model(tmp_path):
    graph = tmp_path / "m" / "3" / "saved_model.pb"
    graph.parent.mkdir(parents=True)
    graph.write_bytes(b"graph")
    return tmp_path / "m"


@pytest.fixture
def served(monkeypatch):
    """Catches the options instead of listening."""
    caught = []

    def serve(options, greet):
        greet(options)
        caught.append(options)

    monkeypatch.setattr(process, "serve", serve)
    return caught


def test_every_option_arrives(model, served):
    ended = run_kn(
        "serve", f"digits={model}", "--host", "::1", "--port", 1234,
        "--grpc-port", 8500, "--workers", 3, "--threads", 2,
        "--batch-size", 32, "--batch-delay", 1.5, "--batch-sizes", "1,8,32",
        "--batch-threads", 2, "--queue", 9, "--timeout", 2.5,
        "--max-body", 1, "--max-rows", 7, "--max-pixels", 2,
        "--poll", 0.5, "--api-key", "secret", "--allowed-host", "a.example",
        "--allow-control", "--cors", "--strict",
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "Stopped.\n")
    (options,) = served
    assert [(s.name, s.base) for s in options.sources] == [("digits", model)]
    assert options.host == "::1"
    assert (options.port, options.grpc_port) == (1234, 8500)
    assert (options.workers, options.threads) == (3, 2)
    batching = options.batching
    assert (batching.size, batching.delay) == (32, 0.0015)
    assert (batching.sizes, batching.threads) == ((1, 8, 32), 2)
    assert batching.queue == 9
    limits = options.limits
    assert (limits.max_body, limits.max_pixels) == (10**6, 2 * 10**6)
    assert (limits.max_rows, limits.timeout) == (7, 2.5)
    assert (options.poll, options.api_key) == (0.5, "secret")
    assert options.hosts == ("a.example",)
    assert options.allow_control
    assert options.cors
    assert options.strict
    assert batching.foreign
    # They reach other processes as text.
    assert (
        ServeOptions.model_validate_json(options.model_dump_json()) == options
    )
    assert "http://[::1]:1234/" in ended.out
    assert "secret" not in ended.out


def test_the_defaults_are_those_of_the_options(model, served):
    assert run_kn("serve", model).code == 0
    (options,) = served
    assert options == ServeOptions(sources=options.sources)


def test_help_says_what_the_options_say():
    """Default, range and text of each stand in one place."""
    # Help is wrapped anywhere.
    words = "".join(run_kn("serve", "--help").out.split())
    shown = [field for _, field in settings()]
    ends = [field.json_schema_extra["flag"] for field in shown] + ["--json"]
    start = words.index("Options:")
    for field, following in zip(shown, ends[1:], strict=True):
        flag, unit, scale = field.json_schema_extra.values()
        end = words.index(following, start)
        text, start = words[start:end], end
        assert f"{flag}{unit or ''}" in text
        assert "".join(field.description.split()) in text, flag
        if type(field.default) in (int, float):
            assert f"[default:{field.default / scale:g}" in text, flag
        for bound in field.metadata:
            limit = getattr(bound, "ge", getattr(bound, "le", None))
            assert f"{limit / scale:g}" in text, flag


def test_every_setting_is_an_option():
    without = {"sources", "configured", "values", "max_depth", "foreign"}
    fields = {
        name
        for block in (ServeOptions, BatchOptions, Limits)
        for name in block.model_fields
    }
    assert fields - without - {"batching", "limits"} == {
        path[-1] for path, _ in settings()
    }


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"api_key": ""}, "protect nothing"),
        ({"host": ""}, "every address"),
        ({"allow_control": True, "workers": 2, "poll": 0}, "one process only"),
        ({"batching": {"size": 8, "sizes": (1, 4)}}, "rising list"),
    ],
    ids=str,
)
def test_whoever_makes_the_options_is_told_of_mistakes(values, part):
    with pytest.raises(UsageError, match=part):
        ServeOptions(**values)


@pytest.mark.parametrize(
    "values", [{"port": 70_000}, {"poll": float("nan")}, {"prot": 1}], ids=str
)
def test_values_out_of_range_are_refused(values):
    with pytest.raises(pydantic.ValidationError):
        ServeOptions(**values)


def test_the_key_may_come_from_the_environment(model, served, monkeypatch):
    monkeypatch.setenv("KN_API_KEY", "hidden")
    assert run_kn("serve", model).code == 0
    assert served[0].api_key == "hidden"


def test_json_tells_programs_where_it_is(model, served):
    ended = run_kn("serve", model, "--host", "0.0.0.0", "--json")
    told = json.loads(ended.out)
    assert told["url"] == "http://127.0.0.1:8501"
    assert told["models"] == {"m": str(model)}


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        ([], 2, "What shall be served?"),
        (["nowhere"], 5, "nothing to serve"),
        (["MODEL", "MODEL"], 2, "Two models are called m"),
        (["MODEL", "--batch-sizes", "8,1"], 2, "rising list"),
        (["MODEL", "--batch-sizes", "1,8"], 2, "--batch-size 64"),
        (["MODEL", "--batch-sizes", "x"], 2, "no list"),
        (["MODEL", "--port", "70000"], 2, "70000"),
        (["MODEL", "--workers", "0"], 2, "workers"),
        (["--model-config", "missing"], 2, "missing"),
    ],
    ids=str,
)
def test_mistakes_are_explained(model, served, args, code, part):
    args = [str(model) if arg == "MODEL" else arg for arg in args]
    ended = run_kn("serve", *args)
    assert ended.code == code
    assert part in ended.err
    assert "Traceback" not in ended.err
    assert not served
