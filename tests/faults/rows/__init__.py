"""The rows of the fault matrix, one file each: `FAULT` says what happens and what must hold."""

from importlib import import_module
from pathlib import Path

from tests.faults.scene import Fault


def all_faults() -> list[Fault]:
    """Every row, by number."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("f[0-9]*.py"))
    return [import_module(f"{__name__}.{name}").FAULT for name in names]
