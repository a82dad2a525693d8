"""A mailbox read over IMAP, one of the feeds of the e-mail channel."""

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ssl import create_default_context

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from ingest.channels.email import EmailAccount
from lintas.vocabulary.errors import Unavailable

_ANSWER_S = 20.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxAway(Unavailable):
    """The mailbox does not answer, or does not let us in."""


@dataclass(frozen=True, slots=True)
class Found:
    """One letter in the mailbox."""

    uid: int
    #: None: it is larger than any we read
    raw: bytes | None


class Mailbox:
    """The mailbox of one account. It blocks, so it is asked from a thread.

    Nothing is marked, moved or removed unless the account's settings say so.
    """

    def __init__(self, account: EmailAccount) -> None:
        self._account = account

    def read(self, epoch: str, after: int, most: int, most_bytes: int) -> tuple[str, list[Found]]:
        """The mailbox's epoch, and its first letters after a UID of `epoch`, in order.

        The UIDs of another epoch mean other letters: then it begins with the first.

        Raises:
            MailboxAway: it cannot be read.
        """
        with self._open(readonly=True) as box:
            now = _epoch(box, self._account.imap_folder)
            begin = after if now == epoch else 0
            found = []
            for uid in self._uids_after(box, begin)[:most]:
                content = _content(box, uid, most_bytes)
                if content is not None:
                    found.append(content)
            return now, found

    def settle(self, uids: Sequence[int]) -> None:
        """Mark or move what is kept, where the settings say so; MailboxAway as for `read`."""
        account = self._account
        if not uids or not (account.imap_mark_seen or account.imap_move_to):
            return
        named = [str(uid) for uid in uids]
        with self._open(readonly=False) as box:
            if account.imap_mark_seen:
                box.flag(named, MailMessageFlags.SEEN, value=True)
            if account.imap_move_to:
                box.move(named, account.imap_move_to)

    @contextmanager
    def _open(self, *, readonly: bool) -> Iterator[BaseMailBox]:
        account = self._account
        password = account.imap_password_file
        if account.imap_host is None or account.imap_user is None or password is None:
            raise ValueError("the account has no mailbox")
        try:
            box: BaseMailBox = (
                MailBox(
                    account.imap_host,
                    account.imap_port,
                    timeout=_ANSWER_S,
                    ssl_context=create_default_context(),
                )
                if account.imap_tls
                else MailBoxUnencrypted(account.imap_host, account.imap_port, timeout=_ANSWER_S)
            )
            try:
                box.login(account.imap_user, password.get_secret_value(), initial_folder=None)
                box.folder.set(account.imap_folder, readonly=readonly)
                yield box
            finally:
                with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                    box.logout()
                # a server that hung up leaves a socket that logging out does not close
                with suppress(OSError):
                    box.client.shutdown()
        except (imaplib.IMAP4.error, ImapToolsError, OSError):
            # no chain: what a server says may hold what people wrote
            raise MailboxAway("The mailbox is not available.") from None

    @staticmethod
    def _uids_after(box: BaseMailBox, uid: int) -> list[int]:
        # `n:*` names the last letter even where its UID is smaller
        named = box.uids(f"UID {uid + 1}:*", charset=None)
        return sorted(one for one in map(int, named) if one > uid)


def _epoch(box: BaseMailBox, folder: str) -> str:
    return str(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])


def _content(box: BaseMailBox, uid: int, most_bytes: int) -> Found | None:
    """One letter; None where it was removed meanwhile."""
    size = next(
        (
            int(found[1])
            for line in _fetched(box, uid, "(RFC822.SIZE)")
            if (found := _SIZE.search(line))
        ),
        None,
    )
    if size is None:
        return None
    if size > most_bytes:
        return Found(uid, None)
    # PEEK: reading leaves it unread
    _, fetched = box.client.uid("fetch", str(uid), "(BODY.PEEK[])")
    raw = next((one[1] for one in fetched if isinstance(one, tuple)), None)
    return None if raw is None else Found(uid, raw)


def _fetched(box: BaseMailBox, uid: int, parts: str) -> Iterator[bytes]:
    _, fetched = box.client.uid("fetch", str(uid), parts)
    for one in fetched:
        if isinstance(one, tuple):
            yield b" ".join(one)
        elif isinstance(one, bytes):
            yield one
