"""Drafting: who writes becomes an author, and any edit voids a confirmation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from agency_gateway.domain import statement as rules
from agency_gateway.domain.statement import Statement
from agency_gateway.store import complaints, statements
from agency_gateway.usecases.asking import Answer, Asked, Front
from agency_gateway.usecases.complaints.finding import NO_SUCH_COMPLAINT
from agency_gateway.usecases.sight import Sights
from agency_gateway.usecases.statements.events import Words, drafted
from agency_gateway.usecases.statements.finding import NO_SUCH_STATEMENT, locked, person_of
from lintas.auth import Principal
from lintas.contracts.topics import STATEMENTS
from lintas.database.work import Transaction
from lintas.telemetry import count
from lintas.vocabulary.errors import FieldError, Forbidden, Invalid, NotFound
from lintas.vocabulary.ids import AgencyCode, ComplaintId, StatementId
from lintas.vocabulary.terms import Purpose, StatementKind, StatementState


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person begins."""

    kind: StatementKind
    purpose: Purpose
    complaint_ids: Sequence[ComplaintId]
    words: Words
    #: None for the person's own
    agency: AgencyCode | None = None


class Writing:
    """Creating and changing texts that nobody has published yet."""

    def __init__(self, front: Front, sights: Sights) -> None:
        self._front = front
        self._sights = sights

    async def read(self, who: Principal, id_: StatementId) -> Statement:
        """The newest version of a statement."""
        async with self._front.work.begin(self._sights.of(who)) as tx:
            found = await statements.newest(tx.connection, id_)
        if found is None:
            raise NotFound(NO_SUCH_STATEMENT)
        return found

    async def create(self, asked: Asked[Statement], draft: Draft) -> Answer:
        """Begin a text; of an answer, its agency leads every complaint."""
        person, now = person_of(asked.who), self._front.work.clock()
        agency = _agency(asked.who, draft.agency)
        if draft.kind is StatementKind.ANSWER and not draft.complaint_ids:
            missing = FieldError("/complaint_ids", "missing", "what it answers")
            raise Invalid("An answer names at least one complaint.", [missing])
        statement = Statement(
            id=StatementId(uuid4()),
            kind=draft.kind,
            purpose=draft.purpose,
            agency=agency,
            version=1,
            state=StatementState.DRAFT,
            wording=draft.words.wording,
            authors=frozenset({person}),
            complaint_ids=tuple(sorted(set(draft.complaint_ids))),
        )

        async def act(tx: Transaction) -> Statement:
            kept = await complaints.lock(tx.connection, statement.complaint_ids)
            _require_all(statement.complaint_ids, set(kept))
            for one in kept.values():
                rules.require_lead(agency, one.complaint)
            await statements.add(tx.connection, statement, draft.words.content, now)
            await complaints.touch(tx.connection, statement.complaint_ids)
            await tx.publish(STATEMENTS, [drafted(statement, person, now)])
            count("lintas_statements_total", kind=statement.kind, state=statement.state)
            return statement

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def edit(self, asked: Asked[Statement], id_: StatementId, words: Words) -> Answer:
        """Other words: back to draft, confirmation void, the editor among the authors."""
        person, now = person_of(asked.who), self._front.work.clock()

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            asked.seen(f"{present.id}/{present.version}", present.revision)
            edited = rules.edit(present, words.wording, person)
            edited = replace(edited, revision=present.revision + 1)
            await statements.save_words(tx.connection, edited, words.content)
            await tx.publish(STATEMENTS, [drafted(edited, person, now)])
            return edited

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def review(self, asked: Asked[Statement], id_: StatementId) -> Answer:
        """Ready for somebody else's eyes."""
        person_of(asked.who)

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            ready = replace(rules.review(present), revision=present.revision + 1)
            await statements.save_state(tx.connection, ready)
            count("lintas_statements_total", kind=ready.kind, state=ready.state)
            return ready

        return await self._front.run(asked, self._sights.of(asked.who), act)

    async def correct(self, asked: Asked[Statement], id_: StatementId, words: Words) -> Answer:
        """A new version of a published text, in draft; the old one stands until it is published."""
        person, now = person_of(asked.who), self._front.work.clock()

        async def act(tx: Transaction) -> Statement:
            present = await locked(tx, id_)
            require_office(asked.who, present)
            corrected = rules.correct(present, words.wording, person)
            await statements.add_version(tx.connection, corrected, words.content, now)
            await tx.publish(STATEMENTS, [drafted(corrected, person, now)])
            return corrected

        return await self._front.run(asked, self._sights.of(asked.who), act)


def require_office(who: Principal, statement: Statement) -> None:
    """Refuse whoever is neither of the lead agency nor a coordinator (those see every agency)."""
    if who.agency != statement.agency and "coordinator" not in who.roles:
        raise Forbidden("Only the lead agency or a coordinator does that.")


def _agency(who: Principal, wanted: AgencyCode | None) -> AgencyCode:
    agency = wanted or who.agency
    if agency is None or (who.agency is not None and agency != who.agency):
        raise Forbidden("A statement is written for one's own agency.")
    return agency


def _require_all(wanted: Sequence[ComplaintId], found: set[UUID]) -> None:
    if not set(wanted) <= found:
        raise NotFound(NO_SUCH_COMPLAINT)
