"""Confirming, publishing and retracting: what stands in public, and who stands for it."""

from dataclasses import replace
from uuid import uuid4

from agency_gateway.domain import statement as rules
from agency_gateway.domain.statement import Confirmation, Statement
from agency_gateway.store import complaints, statements
from agency_gateway.usecases.asking import Answer, Asked, Front
from agency_gateway.usecases.keeping import keep
from agency_gateway.usecases.lifecycle import Cause, by_number
from agency_gateway.usecases.sight import Sights
from agency_gateway.usecases.statements import events
from agency_gateway.usecases.statements.finding import locked, person_of
from agency_gateway.usecases.statements.writing import require_office
from lintas.contracts.topics import STATEMENTS
from lintas.database.work import Transaction
from lintas.telemetry import count
from lintas.vocabulary.errors import Conflict, Forbidden
from lintas.vocabulary.ids import PersonId, StatementId
from lintas.vocabulary.terms import StatementKind


class Releasing:
    """What goes out was approved, word for word, by somebody who did not write it."""

    def __init__(self, front: Front, sights: Sights) -> None:
        self._front = front
        self._sights = sights

    async def confirm(self, asked: Asked[Statement], id_: StatementId, seen: str) -> Answer:
        """Approve the words with the hash `seen`."""
        person, now = person_of(asked.who), self._front.work.clock()

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            if asked.who.agency != present.agency:
                raise Forbidden("A person of the lead agency confirms.")
            given = Confirmation(person, present.agency, present.wording.sha256, now)
            approved = rules.confirm(present, seen, given)
            approved = replace(approved, revision=present.revision + 1)
            await statements.add_confirmation(tx.connection, uuid4(), approved, given)
            await statements.save_state(tx.connection, approved)
            await tx.publish(STATEMENTS, [events.confirmed(approved, person, now)])
            count("lintas_statements_total", kind=approved.kind, state=approved.state)
            return approved

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def publish(
        self, asked: Asked[Statement], id_: StatementId, override_reason: str | None
    ) -> Answer:
        """Put it at its permanent address, and answer its complaints with it."""
        person, now = person_of(asked.who), self._front.work.clock()

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            require_office(asked.who, present)
            out = rules.publish(present, now, override_reason)
            out = replace(out, revision=present.revision + 1)
            # a correction changes words, not the state of complaints that may be closed by now
            if out.kind is StatementKind.ANSWER and out.version == 1:
                await self._answer(tx, out, person, override=override_reason is not None)
            await statements.save_state(tx.connection, out)
            if out.version > 1:
                await statements.supersede(tx.connection, id_, out.version - 1, out.version)
            await tx.publish(STATEMENTS, [events.published(out, person, now)])
            count("lintas_statements_total", kind=out.kind, state=out.state)
            return out

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def retract(self, asked: Asked[Statement], id_: StatementId, reason: str) -> Answer:
        """Say at its address that it no longer stands, and why."""
        person, now = person_of(asked.who), self._front.work.clock()

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            require_office(asked.who, present)
            gone = replace(rules.retract(present), revision=present.revision + 1)
            await statements.retract(tx.connection, gone, reason, now)
            await tx.publish(STATEMENTS, [events.retracted(gone, person, now, reason)])
            count("lintas_statements_total", kind=gone.kind, state=gone.state)
            return gone

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def _answer(
        self, tx: Transaction, statement: Statement, person: PersonId, *, override: bool
    ) -> None:
        now = self._front.work.clock()
        kept = await complaints.lock(tx.connection, statement.complaint_ids)
        if len(kept) < len(statement.complaint_ids):
            raise Conflict("Another agency leads one of its complaints now.", state="transferred")
        for one in kept.values():
            change = rules.answer(one.complaint, statement, override=override)
            cause = Cause(
                occurred_at=now,
                recorded_at=now,
                event_id=by_number(one.complaint.case.id),
                causation_id=statement.id,
                correlation_id=one.correlation_id,
                traceparent=one.traceparent,
                person_id=person,
            )
            await keep(tx, one, change, cause)
