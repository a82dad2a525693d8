"""Acts on a complaint: found, checked, changed, told, in one transaction under its lock."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from agency_gateway.domain import acts
from agency_gateway.domain.acts import Order
from agency_gateway.domain.change import Change
from agency_gateway.domain.records import ComplaintRecord, Contribution, Note
from agency_gateway.domain.routing import Desk
from agency_gateway.store import complaints, papers
from agency_gateway.store.complaints import Kept
from agency_gateway.usecases.asking import Answer, Asked, Front
from agency_gateway.usecases.cities import CityRules
from agency_gateway.usecases.complaints.finding import locked
from agency_gateway.usecases.complaints.reading import record
from agency_gateway.usecases.keeping import keep
from agency_gateway.usecases.lifecycle import Cause, by_number
from agency_gateway.usecases.sight import Sights, acting_agency, actor_of
from lintas.auth import Principal
from lintas.database.work import Transaction
from lintas.vocabulary.errors import Conflict, Forbidden
from lintas.vocabulary.ids import AgencyCode

Told = ComplaintRecord


class Complaints:
    """What people and agencies' systems do. Whoever acts is in the fact."""

    def __init__(self, front: Front, sights: Sights, city: CityRules) -> None:
        self._front = front
        self._sights = sights
        self._city = city

    async def accept(self, asked: Asked[Told], named: str) -> Answer:
        """The agency takes its share on; Conflict while somebody else has it in hand."""
        agency, now = asked.who.agency, self._front.work.clock()

        def decide(kept: Kept) -> Change:
            holder, until = kept.claims.get(agency or "", ("", now))
            if until > now and holder != actor_of(asked.who):
                raise Conflict("Somebody else has it in hand.", state="claimed")
            return acts.accept(kept.complaint, agency, now)

        return await self._decide(asked, named, decide)

    async def give_back(
        self, asked: Asked[Told], named: str, reason: str, note: str | None
    ) -> Answer:
        """The agency says: not ours."""

        async def act(tx: Transaction, kept: Kept) -> Change:
            change = acts.give_back(kept.complaint, asked.who.agency, reason)
            if note is not None:
                round_ = change.complaint.awaiting_round
                await self._note(tx, asked.who, kept, note, shared=False, round_=round_)
            return change

        return await self._run(asked, named, act)

    async def assign(self, asked: Asked[Told], named: str, order: Order) -> Answer:
        """A coordinator decides who has it."""

        async def act(tx: Transaction, kept: Kept) -> Change:
            directory = await self._city.now(tx.connection)
            desk = Desk(directory, self._front.work.clock(), lambda _agency: uuid4())
            return acts.assign(kept.complaint, order, desk)

        return await self._run(asked, named, act)

    async def dismiss(self, asked: Asked[Told], named: str) -> Answer:
        """A coordinator says that no action is needed."""
        return await self._decide(asked, named, lambda kept: acts.dismiss(kept.complaint))

    async def reject(
        self, asked: Asked[Told], named: str, reason: str, pointer: str | None
    ) -> Answer:
        """A coordinator says that the city is not competent."""
        return await self._decide(
            asked, named, lambda kept: acts.reject(kept.complaint, reason, pointer)
        )

    async def resolve(
        self, asked: Asked[Told], named: str, disposition: str, override_reason: str | None
    ) -> Answer:
        """The matter is settled; what an agency still owes is waived only with a reason."""
        agency = acting_agency(asked.who)

        async def act(tx: Transaction, kept: Kept) -> Change:
            override = override_reason is not None
            change = acts.resolve(kept.complaint, agency, disposition, override=override)
            if override_reason is not None and kept.complaint.outstanding():
                await self._note(tx, asked.who, kept, override_reason, shared=True)
            return change

        return await self._run(asked, named, act)

    async def close(self, asked: Asked[Told], named: str, disposition: str) -> Answer:
        """Nothing more will happen unless it is reopened."""
        agency = acting_agency(asked.who)
        return await self._decide(
            asked, named, lambda kept: acts.close(kept.complaint, agency, disposition)
        )

    async def reopen(self, asked: Asked[Told], named: str, reason: str) -> Answer:
        """It was not settled after all."""
        agency = acting_agency(asked.who)
        return await self._decide(
            asked, named, lambda kept: acts.reopen(kept.complaint, agency, reason)
        )

    async def contribute(self, asked: Asked[Contribution], named: str, text: str) -> Answer:
        """A person of a contributing agency gives its part."""
        who, now = asked.who, self._front.work.clock()

        async def act(tx: Transaction) -> Contribution:
            kept = await locked(tx, named)
            change = acts.contribute(kept.complaint, who.agency)
            share = kept.complaint.share_of(AgencyCode(who.agency or ""))
            if share is None or who.person_id is None:
                raise Forbidden("A person of a contributing agency gives its part.")
            given = Contribution(
                id=uuid4(),
                complaint_id=kept.complaint.case.id,
                assignment_id=share.id,
                agency=share.agency,
                person_id=who.person_id,
                text=text,
                made_at=now,
            )
            await papers.contribute(tx.connection, given)
            await keep(tx, kept, change, self._cause(who, kept))
            return given

        return await self._front.run(asked, self._sights.of(who), act)

    async def note(self, asked: Asked[Note], named: str, text: str, *, shared: bool) -> Answer:
        """A remark, for the own agency or for all that see the complaint."""

        async def act(tx: Transaction) -> Note:
            kept = await locked(tx, named)
            await complaints.touch(tx.connection, [kept.complaint.case.id])
            return await self._note(tx, asked.who, kept, text, shared=shared)

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def _decide(
        self, asked: Asked[Told], named: str, decide: Callable[[Kept], Change]
    ) -> Answer:
        async def act(_tx: Transaction, kept: Kept) -> Change:
            return decide(kept)

        return await self._run(asked, named, act)

    async def _run(
        self,
        asked: Asked[Told],
        named: str,
        act: Callable[[Transaction, Kept], Awaitable[Change]],
    ) -> Answer:
        async def run(tx: Transaction) -> Told:
            kept = await locked(tx, named)
            asked.seen(str(kept.complaint.case.id), kept.version)
            change = await act(tx, kept)
            now = await keep(tx, kept, change, self._cause(asked.who, kept))
            if asked.who.agency in change.ends_access and acting_agency(asked.who) is not None:
                return Told(change.complaint, now.version, kept.registered_at, None)
            return await record(tx, change.complaint.case.id)

        return await self._front.run(asked, self._sights.of(asked.who), run)

    def _cause(self, who: Principal, kept: Kept) -> Cause:
        now = self._front.work.clock()
        return Cause(
            occurred_at=now,
            recorded_at=now,
            event_id=by_number(kept.complaint.case.id),
            correlation_id=kept.correlation_id,
            traceparent=kept.traceparent,
            person_id=who.person_id,
        )

    async def _note(
        self,
        tx: Transaction,
        who: Principal,
        kept: Kept,
        text: str,
        *,
        shared: bool,
        round_: int | None = None,
    ) -> Note:
        note = Note(
            id=uuid4(),
            complaint_id=kept.complaint.case.id,
            agency=acting_agency(who),
            author=actor_of(who),
            text=text,
            shared=shared,
            written_at=self._front.work.clock(),
            round=round_,
        )
        await papers.write_note(tx.connection, note)
        return note
