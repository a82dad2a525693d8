"""What makes two arrivals the same complaint, the same reporter, the same request."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from ingest.domain.mentions import Arrival, Guard, Said
from lintas.vocabulary.ids import ComplaintId, first_mention_complaint_id, request_complaint_id

_UNIT = "\x1f"  # cannot occur in an accepted identifier
_SECRET_BYTES = 16


class Identities:
    """Keyed identities: equal for equal input, and they reveal nothing without the key.

    The key never rotates: a complaint's id and its link must come out the same for ever.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        # one key per use, so that no hash of one kind can ever stand for another
        self._reporters = _subkey(key, "reporter")
        self._links = _subkey(key, "link")
        self._requests = _subkey(key, "request")
        self._threads = _subkey(key, "thread")
        self._messages = _subkey(key, "message")
        self._bodies = _subkey(key, "body")
        #: signs the places in lists
        self.cursor_key = _subkey(key, "cursor")

    def complaint(self, arrival: Arrival) -> ComplaintId:
        """The complaint this arrival opens: by its post, else by its request."""
        said, guard = arrival.said, arrival.guard
        if said.external_id is not None:
            return self.post(said.channel, said.account, said.external_id)
        if guard is None:
            raise ValueError("an arrival without external id has a guard")
        return request_complaint_id(
            self._key, arrival.client, f"{guard.operation}/{arrival.line}/{guard.key}"
        )

    def post(self, channel: str, account: str, external_id: str) -> ComplaintId:
        """The complaint that this post opens, unless it continues another one."""
        return first_mention_complaint_id(self._key, channel, account, external_id)

    def reporter(self, said: Said, complaint: ComplaintId) -> bytes:
        """Whose data key seals it: the reporter's, or the complaint's own where nobody is known."""
        author = said.author
        for kind, value in (
            ("platform", author.platform_id),
            ("handle", author.handle),
            ("phone", author.phone),
            ("email", author.email),
        ):
            if value:
                return self.reporter_known_by(said.channel, said.account, kind, value)
        return _hash(self._reporters, "complaint", str(complaint))

    def aliases(self, channel: str, account: str, identifier: str) -> tuple[bytes, ...]:
        """Every reporter that a platform may mean by `identifier`: an id of its own, or a number."""
        kinds = ("platform", "phone") if any(map(str.isdigit, identifier)) else ("platform",)
        return tuple(
            _hash(self._reporters, channel, account, kind, _folded(kind, identifier))
            for kind in kinds
        )

    def thread(self, said: Said, reporter: bytes) -> bytes | None:
        """What a reporter's thread is remembered by; None where there is none."""
        if said.conversation is None:
            return None
        return _hash(self._threads, said.channel, said.account, said.conversation, reporter.hex())

    def message(self, channel: str, account: str, external_id: str) -> bytes:
        """What a message of ours is remembered by; its id may hold the recipient's number."""
        return _hash(self._messages, channel, account, external_id)

    def body(self, channel: str, account: str, content: bytes) -> bytes:
        """What a webhook's body is remembered by."""
        return _hash(self._bodies, channel, account, hashlib.sha256(content).hexdigest())

    def reporter_known_by(self, channel: str, account: str, kind: str, value: str) -> bytes:
        """The reporter with this id of the `platform`, `handle`, `phone` or `email` at an account."""
        return _hash(self._reporters, channel, account, kind, _folded(kind, value))

    def request(self, client: str, guard: Guard) -> bytes:
        """What an Idempotency-Key is remembered by; the key itself is never stored."""
        return _hash(self._requests, client, guard.operation, guard.key)

    def secret(self, complaint: ComplaintId) -> str:
        """The secret of the reporter's link: 128 bits, 22 symbols, the same on every retry."""
        digest = _hash(self._links, str(complaint))[:_SECRET_BYTES]
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


def secret_hash(secret: str) -> bytes:
    """What the vault keeps of a link's secret; it has 128 random bits, so a plain hash will do."""
    return hashlib.sha256(secret.encode()).digest()


def _subkey(key: bytes, use: str) -> bytes:
    return hmac.digest(key, f"lintas/{use}".encode(), "sha256")


def _hash(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, _UNIT.join(parts).encode(), "sha256")


def _folded(kind: str, value: str) -> str:
    if kind == "phone":
        return "".join(symbol for symbol in value if symbol.isdigit())
    if kind == "platform":
        return value
    return value.removeprefix("@").casefold()
