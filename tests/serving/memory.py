"""Memory of a running process, its peaks included (Linux only)."""

from pathlib import Path


class Memory:
    """What one process holds in main memory.

    Args:
        pid: Of the process.
    """

    def __init__(self, pid):
        self.folder = Path(f"/proc/{pid}")

    def now(self):
        """Returns bytes."""
        return self._read("VmRSS")

    def peak(self):
        """Returns the most bytes since `forget_peak`."""
        return self._read("VmHWM")

    def forget_peak(self):
        # proc(5): 5 sets the peak to what is held now.
        (self.folder / "clear_refs").write_text("5")

    def _read(self, name):
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
        raise LookupError(name)
