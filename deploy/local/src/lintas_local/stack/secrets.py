import os
import secrets
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path


class SecretFolder:
    """Random secrets, one per file; made once, kept for ever, readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key(self, name: str) -> Path:
        """The file that holds 32 random bytes in base64; made if it is missing."""
        return self._make(name, lambda: b64encode(secrets.token_bytes(32)).decode())

    def password(self, name: str) -> str:
        """A random password that needs no quoting anywhere; made if it is missing."""
        return read_secret(self._make(f"{name}.password", lambda: secrets.token_hex(24)))

    def _make(self, name: str, fresh: Callable[[], str]) -> Path:
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            write_private(path, fresh() + "\n")
        return path


def read_secret(path: Path) -> str:
    """What a secret's file holds."""
    return path.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads; whoever sees it sees all of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
