"""The `kn` command: its verbs by name, loaded when called."""

import atexit
import errno
import gc
import importlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kerasnotes.base.errors import (
    KerasNotesError,
    OutOfMemoryError,
    StorageError,
)
from kerasnotes.base.output import leave_output

from .shared.imports import import_all, import_first, import_option

OBJECTS = 50_000
"""Made until those that are no longer used are looked for."""
VERBS = {
    "fit": "Train a note, or resume a run",
    "eval": "Measure a trained model",
    "ensemble": "Put runs together to one model",
    "predict": "Answer for images or tables",
    "sample": "Draw new examples from a generator",
    "compare": "Measure runs on one data set, side by side",
    "runs": "List runs, or compare two",
    "show": "Look inside a .keras file",
    "export": "Write SavedModel, ONNX, LiteRT, OpenVINO, PyTorch, Keras",
    "serve": "Answer over HTTP, with a page to play with",
    "data": "Show what would be read from a data source",
    "landscape": "Paths of optimizers; the loss around a run",
    "list": "List the notes",
    "info": "Layers, parameters, FLOPs, paper of a note",
    "config": "Print every setting of a note as YAML",
    "bench": "Time a note on each backend",
    "doctor": "Check the installation",
}


class LazyGroup(click.Group):
    """Imports a verb's module only when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> Any:
        if name not in VERBS:
            return None
        return importlib.import_module(f"{__package__}.{name}").command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, import_first(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from .shared.mistakes import no_such_verb

            raise no_such_verb(args, VERBS, ctx.params["imports"])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            from .shared.mistakes import explain_option

            raise explain_option(error) from None
        except KerasNotesError as error:
            from .shared.mistakes import complete_hint

            complete_hint(error, ctx)
            raise
        except BrokenPipeError:
            # The reader (`| head`) left, which is fine; click would exit
            # with 1. What trains goes on: `training/progress.py`.
            leave_output()
            return 0

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 2 usage, 3 data, 4 out of memory, "
    "5 cannot read or write, 6 diverged, 130 interrupted after saving.",
)
@click.version_option(package_name="kerasnotes", prog_name="kn")
@import_option
def cli(imports: tuple[str, ...]) -> None:
    """Train, check and export classical neural networks.

    \b
    kn fit unet                     train on the embedded default data
    kn fit unet --data my_images/   train on your own
    kn eval ckpts/unet              measure on the test split
    kn predict ckpts/unet a.png     answer for a file
    kn fit net --import net.py      train a network of your own
    """
    import_all(imports)


def main() -> None:
    """Runs `kn`; a user's mistake ends in one screen and an exit code.

    What is nobody's mistake but ours keeps its traceback.
    """
    # Imports make many objects that stay: they are searched less often.
    gc.set_threshold(OBJECTS)
    try:
        code = _end_of(_run)
        _say_goodbye()
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = 130
        _say_goodbye()
    sys.exit(code if isinstance(code, int) else 0)


def _say_goodbye() -> None:
    """Leaves what stands as it is, and nothing that could be interrupted."""
    # What stands is not searched for garbage once more: 0.2 s of a goodbye.
    gc.freeze()
    # Python's last steps would die of Ctrl-C, whatever the exit code is: it is
    # not heard any more, before all else that is done at the end.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)


def _end_of(work: Callable[[], Any]) -> Any:
    """Returns the exit code; tells of the mistake that ended the work."""
    try:
        return work()
    except KerasNotesError as error:
        click.secho("Error: ", fg="red", bold=True, err=True, nl=False)
        click.echo(str(error), err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code


def _run() -> Any:
    """Runs the verb; a machine at its limits becomes an error of ours."""
    try:
        return cli.main(prog_name="kn", standalone_mode=False)
    except (KerasNotesError, click.ClickException, click.Abort):
        raise
    except Exception as error:
        limit = _explain_limit(error)
        if limit is None:
            raise
        raise limit from error


def _explain_limit(error: Exception) -> KerasNotesError | None:
    """Returns what to tell of a full disk or memory; `None` for the rest."""
    from kerasnotes.runtime.memory import is_out_of_memory

    if isinstance(error, OSError) and error.errno in _LIMITS:
        from kerasnotes.base.files import storage_error

        return storage_error(Path(error.filename or "."), error, "write")
    if "no space left" in str(error).lower():
        return StorageError(
            "The disk is full.",
            received=str(error)[:300],
            hint="free some space, or choose another folder with --out",
        )
    if isinstance(error, MemoryError) or is_out_of_memory(error):
        return OutOfMemoryError(
            "This does not fit into memory.",
            received=(str(error).strip() or type(error).__name__)[:300],
            hint="a smaller --batch-size, smaller images or a smaller network",
        )
    return None


_LIMITS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


if __name__ == "__main__":
    main()
