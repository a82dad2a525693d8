from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from lintas.auth.keys import KeyLookup, KeyRecord, Pepper, is_key, parse_key
from lintas.auth.principals import Principal
from lintas.auth.sessions import SessionLookup, session_token_hash
from lintas.telemetry import count
from lintas.vocabulary.errors import Unauthenticated

#: one text for every reason, so that an answer tells nothing about which keys exist
_REFUSAL = "The credential is not valid."


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


class Authenticator(Protocol):
    """Turns a bearer credential into a principal."""

    async def authenticate(self, credential: str) -> Principal:
        """Who holds the credential; Unauthenticated if nobody known does."""


class KeyAuthenticator:
    """Keys of systems, looked up in each place in turn."""

    def __init__(
        self,
        lookups: Sequence[KeyLookup],
        pepper: Pepper,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._lookups, self._pepper, self._now = tuple(lookups), pepper, now
        #: compared with when there is no record, so an unknown id costs what a wrong secret does
        self._nobody = pepper.hash("nobody")

    async def authenticate(self, credential: str) -> Principal:
        """The system whose live key this is."""
        parsed = parse_key(credential)
        key_id, secret = parsed or ("", "")
        record = await self._find(key_id)
        fits = self._pepper.matches(record.hash if record else self._nobody, secret)
        if parsed is None or record is None or not fits or not record.is_live(self._now()):
            count("lintas_sign_ins_refused_total", credential="key")
            raise Unauthenticated(_REFUSAL)
        return Principal(
            key_id=record.id, client=record.client, agency=record.agency, scopes=record.scopes
        )

    async def _find(self, key_id: str) -> KeyRecord | None:
        for lookup in self._lookups:
            record = await lookup.find(key_id)
            if record is not None:
                return record
        return None


class SessionAuthenticator:
    """People who signed in."""

    def __init__(self, sessions: SessionLookup, *, now: Callable[[], datetime] = utc_now) -> None:
        self._sessions, self._now = sessions, now

    async def authenticate(self, credential: str) -> Principal:
        """The person whose unexpired session this is."""
        session = await self._sessions.find(session_token_hash(credential))
        if session is None or session.expires_at <= self._now():
            count("lintas_sign_ins_refused_total", credential="session")
            raise Unauthenticated(_REFUSAL)
        return session.principal


class Authenticators:
    """Keys and sessions side by side; the credential's own prefix decides who judges it."""

    def __init__(
        self, *, keys: Authenticator | None = None, sessions: Authenticator | None = None
    ) -> None:
        self._keys, self._sessions = keys, sessions

    async def authenticate(self, credential: str) -> Principal:
        """Who holds the credential."""
        judge = self._keys if is_key(credential) else self._sessions
        if judge is None:
            raise Unauthenticated(_REFUSAL)
        return await judge.authenticate(credential)
