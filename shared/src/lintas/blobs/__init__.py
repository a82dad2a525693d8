"""Files kept outside the database, each already sealed by whoever puts it here."""

import os
import re
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

#: 128 bits of an owner and 128 of a file in hexadecimal: nothing that could leave the folder
_NAME = re.compile(r"[0-9a-f]{64}")
_OWNER = re.compile(r"[0-9a-f]{32}")
_OWNER_DIGITS = 32


class NoSuchBlob(Exception):
    """Nothing is kept under this name."""


class Blobs(Protocol):
    """Sealed bytes under names of 64 hexadecimal digits; the first 32 say whose they are.

    Calls block: not for the event loop.
    """

    def put(self, name: str, sealed: bytes) -> None:
        """Keep `sealed`; it is durable once this returns. What has the name already stays as it is."""

    def get(self, name: str) -> bytes:
        """What was kept under `name`; NoSuchBlob if nothing was."""

    def remove_all(self, owner: str) -> None:
        """Keep nothing of this owner any more, whether or not something was."""

    def remove_others(self, owner: str, keep: Collection[str], untouched_for_s: float) -> int:
        """Keep only these of an owner's, and what was put, or put again, of late; how many went."""


class FolderBlobs:
    """Blobs as files of one folder, which several processes may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, sealed: bytes) -> None:
        """Write aside, flush, then rename: a blob is whole or not there, also after a power cut."""
        path = self._path(name)
        try:
            # somebody needs it from now on, whatever becomes of those who needed it before
            os.utime(path)
        except FileNotFoundError:
            self._write(path, sealed)

    def _write(self, path: Path, sealed: bytes) -> None:
        for folder in (path.parent.parent, path.parent):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _flush(folder.parent)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as aside:
            try:
                aside.write(sealed)
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).rename(path)
            except BaseException:
                with suppress(OSError):
                    Path(aside.name).unlink()
                raise
        _flush(path.parent)

    def get(self, name: str) -> bytes:
        """Read a whole blob."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NoSuchBlob from None

    def remove_all(self, owner: str) -> None:
        """Remove a folder; copies in backups stay unreadable once their key is destroyed."""
        if not _OWNER.fullmatch(owner):
            raise NoSuchBlob
        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder / owner[:2] / owner)

    def remove_others(self, owner: str, keep: Collection[str], untouched_for_s: float) -> int:
        """Each is moved aside before it is looked at, so whoever puts it again meanwhile finds none."""
        if not _OWNER.fullmatch(owner):
            raise NoSuchBlob
        before_s = time.time() - untouched_for_s
        removed = 0
        folder = self._folder / owner[:2] / owner
        for path in [*folder.iterdir()] if folder.exists() else ():
            if owner + path.name in keep or path.stat().st_mtime >= before_s:
                continue
            aside = path.with_name(f".{path.name}.gone")
            path.rename(aside)
            if aside.stat().st_mtime >= before_s:
                # put again in the last moment
                with suppress(FileExistsError):
                    path.hardlink_to(aside)
            else:
                removed += 1
            aside.unlink()
        return removed

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise NoSuchBlob
        return self._folder / name[:2] / name[:_OWNER_DIGITS] / name[_OWNER_DIGITS:]


def _flush(folder: Path) -> None:
    """Make the names in `folder` durable, as those of files are not by flushing the files."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
