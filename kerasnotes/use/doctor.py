"""Looks whether everything that `kn` needs works on this machine."""

import dataclasses
import io
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from kerasnotes.base.errors import KerasNotesError
from kerasnotes.runtime import choose as choosing
from kerasnotes.runtime import machine, memory, probe
from kerasnotes.runtime import setup as backend

GIB = 2**30
SCARCE_DISK = 1 * GIB


@dataclasses.dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Args:
        name: What.
        status: `"ok"`, `"note"` (works, could be better) or `"failed"`.
        detail: What was found, one line.
        hint: The command or step that mends it.
    """

    name: str
    status: Literal["ok", "note", "failed"]
    detail: str
    hint: str | None = None


@dataclasses.dataclass
class Diagnosis:
    """Everything that was found; filled while the checks run.

    Args:
        checks: In the order they were made.
        backends: What each installed backend answered (`probe.ask`).
        chosen: What a run would use and why, or `None` if it would fail.
    """

    checks: list[Check] = dataclasses.field(default_factory=list)
    backends: dict[str, dict[str, Any]] = dataclasses.field(
        default_factory=dict
    )
    chosen: dict[str, str] | None = None

    @property
    def works(self) -> bool:
        """Whether the backend that a run would use can train."""
        if self.chosen is None:
            return False
        return "error" not in self.backends[self.chosen["backend"]]

    def to_json(self) -> dict[str, Any]:
        return {
            "works": self.works,
            "chosen": self.chosen,
            "versions": machine.versions(*choosing.BACKENDS),
            "backends": self.backends,
            "checks": [dataclasses.asdict(check) for check in self.checks],
        }


def examine(
    announce: Callable[[str], None],
) -> Iterator[tuple[Check, Diagnosis]]:
    """Makes every check, one by one.

    Args:
        announce: Told what is looked at before something that takes long.

    Yields:
        Each check as it is made, and all that is known by then.
    """
    gpus = machine.find_gpus()
    diagnosis = Diagnosis()
    for check in _checks(diagnosis, gpus, announce):
        diagnosis.checks.append(check)
        yield check, diagnosis


def _checks(
    diagnosis: Diagnosis,
    gpus: list[machine.Gpu],
    announce: Callable[[str], None],
) -> Iterator[Check]:
    yield Check("python", "ok", f"{platform.python_version()} {sys.prefix}")
    yield _check_machine()
    yield _check_gpus(gpus)
    installed = choosing.installed_backends()
    for name in choosing.BACKENDS:
        if name in installed:
            announce(f"training a small network on {name} ...")
            diagnosis.backends[name] = probe.ask("step", name)
        yield check_backend(name, diagnosis.backends.get(name), bool(gpus))
    yield _check_choice(diagnosis, gpus)
    yield check_writable("keras home", choosing.keras_home(os.environ))
    yield check_writable("runs", Path("ckpts"))
    yield _check_disk(Path.cwd())
    yield _check_figures()


def _check_machine() -> Check:
    total = memory.total_memory()
    size = f"{total / GIB:.1f} GiB" if total else "unknown memory"
    return Check(
        "machine",
        "ok",
        f"{platform.system()}, {machine.cpu_name()}, "
        f"{machine.cpu_count()} cores, {size}",
    )


def _check_gpus(gpus: list[machine.Gpu]) -> Check:
    names = [
        f"{gpu.name} ({gpu.memory / GIB:.0f} GiB, capability "
        f"{gpu.capability[0]}.{gpu.capability[1]})"
        for gpu in gpus
    ]
    return Check("gpu", "ok", ", ".join(names) or "none")


def check_backend(
    name: str, answer: dict[str, Any] | None, has_gpu: bool
) -> Check:
    """Judges what a backend answered.

    Args:
        name: `"tensorflow"`, `"jax"` or `"torch"`.
        answer: What `probe.ask` returned; `None` if it is not installed.
        has_gpu: Whether the machine has an NVIDIA GPU.
    """
    if answer is None:
        return Check(name, "note", "not installed", choosing.mend(name))
    version = machine.versions(name).get(name, "unknown version")
    if "error" in answer:
        hint = choosing.mend(name, "broken")
        return Check(name, "failed", f"{version}: {answer['error']}", hint)
    kinds = [kind for kind, _ in answer["devices"]]
    detail = (
        f"{version} on {', '.join(device for _, device in answer['devices'])}; "
        f"start {answer['import_s']:.1f} s, step {answer['step_ms']:.1f} ms"
    )
    if has_gpu and "gpu" not in kinds:
        hint = choosing.mend(name, "cpu only")
        return Check(name, "note", f"{detail}; does not see the GPU", hint)
    return Check(name, "ok", detail)


def _check_choice(diagnosis: Diagnosis, gpus: list[machine.Gpu]) -> Check:
    def sees_gpu(name: str) -> bool:
        devices = diagnosis.backends[name].get("devices", ())
        return any(kind == "gpu" for kind, _ in devices)

    try:
        name, reason = choosing.choose(
            None,
            environ=os.environ,
            keras_json=choosing.read_keras_json(os.environ),
            installed=set(diagnosis.backends),
            sees_gpu=sees_gpu,
        )
    except KerasNotesError as error:
        return Check("choice", "failed", error.message, error.hint)
    device = "gpu" if sees_gpu(name) else "cpu"
    diagnosis.chosen = {
        "backend": name,
        "reason": reason,
        "device": device,
        "precision": backend.best_precision(device, gpus),
    }
    detail = f"{name} on {device}, {diagnosis.chosen['precision']}: {reason}"
    if diagnosis.works:
        return Check("choice", "ok", detail)
    return Check(
        "choice", "failed", f"{name}: {reason}", choosing.mend(name, "broken")
    )


def check_writable(name: str, folder: Path) -> Check:
    """Looks whether `folder` can be written, or made where it is not."""
    folders = (folder.absolute(), *folder.absolute().parents)
    existing = next(path for path in folders if path.exists())
    try:
        # Tried, not asked: permissions, read-only disks and quotas count.
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"kn doctor")
    except OSError as error:
        return Check(
            name,
            "failed",
            f"{folder} cannot be written: {error.strerror}",
            "set KERAS_HOME to a folder that can"
            if name == "keras home"
            else "work in another folder, or use --out",
        )
    return Check(name, "ok", f"{folder} can be written")


def _check_disk(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    detail = f"{free / GIB:.1f} GiB free"
    if free < SCARCE_DISK:
        return Check("disk", "note", detail, "free some space before training")
    return Check("disk", "ok", detail)


def _check_figures() -> Check:
    try:
        from matplotlib.figure import Figure

        Figure().savefig(io.BytesIO(), format="png")
    except Exception as error:  # a broken wheel raises anything
        reason = " ".join(str(error).split())[:200]
        hint = "pip install --force-reinstall matplotlib"
        return Check("figures", "failed", reason, hint)
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    return Check("figures", "ok", f"matplotlib draws; output is {encoding}")
