"""The simulated staff: an officer and a confirmer per agency, and a coordinator of the city."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from lintas_local.demo.calls import CallRefused, Service
from lintas_local.stack.secrets import write_private

_TAKEN = 409


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can log in."""

    username: str
    password: str
    agency: str | None
    roles: tuple[str, ...]


class Staff:
    """Who can log in; passwords are kept beside the other keys, so a person can try them."""

    def __init__(self, file: Path, accounts: dict[str, Account]) -> None:
        self._file = file
        self._accounts = accounts

    @classmethod
    def of(cls, file: Path, agencies: list[str]) -> "Staff":
        """The staff of these agencies, with the passwords of an earlier run if there was one."""
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        wanted: list[tuple[str, str | None, tuple[str, ...]]] = [
            ("koordinator", None, ("coordinator",))
        ]
        for agency in agencies:
            wanted.append((f"petugas.{agency}", agency, ("officer",)))
            wanted.append((f"penyetuju.{agency}", agency, ("officer", "confirmer")))
        accounts = {
            username: Account(
                username, known.get(username) or secrets.token_urlsafe(15), agency, roles
            )
            for username, agency, roles in wanted
        }
        return cls(file, accounts)

    async def enrol(self, gateway: Service) -> None:
        """Make the accounts that do not exist yet; `gateway` speaks as the operator."""
        passwords = {name: account.password for name, account in self._accounts.items()}
        # before the accounts, so that no account exists whose password nobody knows
        write_private(self._file, json.dumps(passwords, indent=1) + "\n")
        for account in self._accounts.values():
            try:
                await gateway.post(
                    "/v1/persons",
                    {
                        "username": account.username,
                        "password": account.password,
                        "name": account.username,
                        "agency": account.agency,
                        "roles": list(account.roles),
                    },
                )
            except CallRefused as refusal:
                if refusal.status != _TAKEN:
                    raise

    async def session(self, gateway: Service, username: str) -> str:
        """A fresh session token of that person."""
        account = self._accounts[username]
        answer = await gateway.post(
            "/login", {"username": account.username, "password": account.password}
        )
        return str(answer["token"])
