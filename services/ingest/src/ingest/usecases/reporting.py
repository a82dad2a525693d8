"""A report by the city's own form: its files are kept first, then it is accepted like any mention."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from ingest.domain.areas import Area
from ingest.domain.identity import Identities
from ingest.domain.mentions import FOLLOWERS, Acceptance, Arrival, Author, Guard, Place, Said
from ingest.usecases.committing import SharedCommit
from ingest.usecases.media import MediaStore
from ingest.usecases.similar import Lookalikes
from ingest.usecases.tracking import PAGE, marked, track
from ingest.usecases.vault import Vault, data_key
from lintas.contracts.events.mentions import Media
from lintas.database.work import UnitOfWork
from lintas.telemetry import child_traceparent
from lintas.vocabulary.errors import DomainError, NotFound
from lintas.vocabulary.terms import Anonymity
from lintas.vocabulary.ticket import Ticket
from lintas.web import Quota

_CHANNEL = "web"
_ACCOUNT = "lapor"
#: in whose name the form hands in; no key can have it
_CLIENT = "form:lapor"
_OPERATION = "form"
#: what a follower says; officers read it
_MINE_TOO = "Saya juga mengalami hal ini."
#: how a place is corrected; officers read it
_PLACE = "Tempat yang benar: {}"


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody wrote into the form."""

    text: str
    place: Place | None
    author: Author
    anonymity: Anonymity
    #: of the form that was filled in: sent twice it is one complaint
    token: str


class Reporting:
    """Takes reports of the form."""

    def __init__(
        self,
        work: UnitOfWork,
        vault: Vault,
        identities: Identities,
        media: MediaStore,
        commit: SharedCommit,
        *,
        contacts: Quota,
    ) -> None:
        self._work = work
        self._vault = vault
        self._identities = identities
        self._media = media
        self._commit = commit
        self._contacts = contacts
        #: open reports like one that is about to be sent
        self.similar = Lookalikes(work)

    async def send(self, report: Report, files: Sequence[bytes]) -> Acceptance:
        """The complaint it opened; the same one however often the same form is sent.

        Raises:
            KeyReused: another report was sent by this form before.
            MediaEmpty, MediaTooLarge, MediaTypeRefused, MediaBroken: a file may not be kept.
            TooManyRequests: this contact has reported too often.
            Unavailable: nothing is known to be written.
        """
        arrival = self._arrival(report, files, ())
        reporter = self._identities.reporter(arrival.said, self._identities.complaint(arrival))
        if report.author.phone or report.author.email:
            self._contacts.spend(reporter.hex())
        if files:
            key = await data_key(self._work, self._vault, reporter)
            kept = [await self._media.keep(content, None, None, key=key) for content in files]
            arrival = self._arrival(report, files, kept)
        [outcome] = await self._commit.submit([arrival])
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    async def follow(self, report: Report, area: Area | None, complaint: str) -> Ticket:
        """The ticket of an open complaint like `report`, which is told that one more has the trouble.

        Nothing of the report is kept or passed on. The same form counts once.

        Raises:
            NotFound: the complaint is none, or no more, of those shown as like the report.
            KeyReused: another complaint was followed by this form before.
            Unavailable: nothing is known to be written.
        """
        alike = await self.similar.of(report.text, area)
        chosen = next((one for one in alike if str(one.complaint_id) == complaint), None)
        if chosen is None:
            raise NotFound("There is no such open complaint.")
        said = Said(
            channel=_CHANNEL,
            account=FOLLOWERS,
            text=marked(_MINE_TOO, chosen.ticket),
            public=False,
            refers=False,
        )
        return await self._say("follow", report.token, said)

    async def correct_place(
        self, ticket: str, secret: str | None, address: str, token: str
    ) -> None:
        """Another place of a complaint, by its reporter's link; as `add` otherwise."""
        await self.add(ticket, secret, _PLACE.format(address), token, Place(address=address))

    async def add(
        self,
        ticket: str,
        secret: str | None,
        text: str,
        token: str,
        place: Place | None = None,
    ) -> None:
        """More about a complaint by its reporter's link; the same form sent again adds nothing.

        Raises:
            NotFound: no such ticket, or a wrong secret.
            KeyReused: other words were sent by this form before.
            Unavailable: nothing is known to be written.
        """
        view = await track(self._work, self._vault, ticket, secret)
        if not view.opened:
            raise NotFound("No complaint has this ticket.")
        said = Said(
            channel=_CHANNEL,
            account=PAGE,
            text=marked(text, view.ticket),
            place=place,
            anonymity=view.anonymity,
            public=False,
            refers=False,
        )
        await self._say("more" if place is None else "place", token, said)

    async def _say(self, operation: str, token: str, said: Said) -> Ticket:
        guard = Guard(operation, token, hashlib.sha256(said.text.encode()).digest())
        arrival = Arrival(
            said=said,
            client=_CLIENT,
            received_at=self._work.clock(),
            traceparent=child_traceparent(),
            guard=guard,
        )
        [outcome] = await self._commit.submit([arrival])
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome.ticket

    def _arrival(self, report: Report, files: Sequence[bytes], kept: Sequence[Media]) -> Arrival:
        return Arrival(
            said=Said(
                channel=_CHANNEL,
                account=_ACCOUNT,
                text=report.text,
                author=report.author,
                place=report.place,
                files=tuple(kept),
                anonymity=report.anonymity,
                public=False,
                # more about a complaint is said on its page; this is a new report, whatever it names
                refers=True,
            ),
            client=_CLIENT,
            received_at=self._work.clock(),
            traceparent=child_traceparent(),
            guard=Guard(_OPERATION, report.token, _fingerprint(report, files)),
        )


def _fingerprint(report: Report, files: Sequence[bytes]) -> bytes:
    """Of what was filled in; the bytes of a form differ each time a browser sends it."""
    said = orjson.dumps([report, *(hashlib.sha256(content).hexdigest() for content in files)])
    return hashlib.sha256(said).digest()
