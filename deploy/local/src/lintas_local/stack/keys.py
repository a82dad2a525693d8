"""The keys this machine's own clients hold, and the ring the services know them by."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from lintas.auth import KeyRecord, Pepper, new_key, parse_key
from lintas_local.stack.secrets import SecretFolder, read_secret, write_private

#: what each of them may do
CLIENTS: Mapping[str, tuple[str, ...]] = {
    "operator": (
        "directory:write",
        "history:write",
        "imports:write",
        "keys:write",
        "kpis:rebuild",
        "mentions:write",
        "persons:write",
        "quarantine:replay",
        "rules:write",
        "vault:erase",
        "vault:hold",
    ),
    # rules are published by another party than handed them in
    "publisher": ("rules:write",),
    "front-door": ("mentions:write",),
    "router": ("returns:read",),
    "agency-gateway": ("media:read",),
}


class KeyFolder:
    """One key per client in its own file, and `ring.json` with their hashes."""

    def __init__(self, folder: Path, secrets: SecretFolder, *, environment: str) -> None:
        self._folder = folder
        self._secrets = secrets
        self._environment = environment

    @property
    def ring(self) -> Path:
        """What LINTAS_KEYS_FILE names."""
        return self._folder / "ring.json"

    def path(self, client: str) -> Path:
        """The file that holds a client's key."""
        return self._folder / f"{client}.key"

    def key(self, client: str) -> str:
        """A client's key."""
        return read_secret(self.path(client))

    def make_ready(self) -> None:
        """Make the keys and ring entries that are missing; entries an operator added stay."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        pepper = Pepper(SecretStr(read_secret(self._secrets.key("key_pepper"))))
        records = self._records()
        for client, scopes in CLIENTS.items():
            if any(self._opens(record, client, scopes, pepper) for record in records):
                continue
            key, record = new_key(self._environment, pepper=pepper, client=client, scopes=scopes)
            write_private(self.path(client), key + "\n")
            records = [other for other in records if other.client != client] + [record]
        write_private(self.ring, json.dumps([record.to_json() for record in records], indent=1))

    def _opens(
        self, record: KeyRecord, client: str, scopes: tuple[str, ...], pepper: Pepper
    ) -> bool:
        """Whether the client's key file still fits this record."""
        if record.client != client or record.scopes != set(scopes):
            return False
        if not self.path(client).exists():
            return False
        parts = parse_key(self.key(client))
        return parts is not None and parts[0] == record.id and pepper.matches(record.hash, parts[1])

    def _records(self) -> list[KeyRecord]:
        if not self.ring.exists():
            return []
        entries = json.loads(self.ring.read_text(encoding="utf-8"))
        return [KeyRecord.from_json(entry) for entry in entries]
