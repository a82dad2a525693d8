"""Rule sets from draft to publication."""

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lintas.contracts.events.envelope import canonical_json
from lintas.contracts.events.reference import RulesetPublished
from lintas.contracts.topics import RULES
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from lintas.vocabulary.ids import NAMESPACE, derived_id
from router import store
from router.domain import (
    Finding,
    RuleSet,
    RuleSetUnusable,
    StoredRuleset,
    advise,
    compile_ruleset,
    effective_moment,
    lint,
    unusable,
)

#: a version travels in one record, with its headers
MOST_BYTES = 850_000
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Publishing:
    """Keeps versions of the rules and announces them."""

    work: UnitOfWork
    #: how long before it applies every instance must be able to read of a version
    notice: timedelta

    async def check(self, document: dict[str, Any]) -> tuple[int, tuple[Finding, ...]]:
        """Return the size in bytes of a document without a fault, and advice on its rules.

        Raises:
            Invalid: it names rule and field of each fault.
            TooLarge: it would not fit one record.
        """
        # a large set takes a second: requests and deciding go on meanwhile
        return await asyncio.to_thread(_check, document)

    async def store(self, document: dict[str, Any], by: str) -> tuple[StoredRuleset, bool]:
        """Keep a version as a draft, and say whether it is new. The same again changes nothing.

        Raises:
            Conflict: the name is taken by another document.
        """
        await self.check(document)
        fresh = StoredRuleset(
            version=document["version"],
            sha256=hashlib.sha256(canonical_json(document)).hexdigest(),
            rules=len(document["rules"]),
            created_at=self.work.clock(),
            created_by=by,
        )
        async with self.work.begin() as tx:
            if await store.add(tx, fresh, document):
                return fresh, True
            known = await store.find(tx, fresh.version)
        if known is None or known.sha256 != fresh.sha256:
            raise Conflict("This version holds other rules; a changed rule set needs a new one.")
        return known, False

    async def publish(self, version: str, asked: datetime | None, by: str) -> StoredRuleset:
        """Announce a version; it applies from `asked` on, or as soon as all can have read of it.

        What is published stays as it is: publishing it again changes nothing.
        """
        async with self.work.begin() as tx:
            draft = await _known(store.find(tx, version, lock=True))
            if draft.published_at is not None:
                return draft
            now = self.work.clock()
            first = not await store.anything_published(tx)
            effective_at = effective_moment(asked, now, notice=self.notice, first=first)
            published = draft.published(at=now, by=by, effective_at=effective_at)
            await store.mark_published(tx, published)
            await tx.publish(
                RULES, [_announcement(published, now, await store.document(tx, version))]
            )
        return published

    async def find(self, version: str) -> tuple[StoredRuleset, dict[str, Any]]:
        """A version and its document."""
        async with self.work.begin() as tx:
            return await _known(store.find(tx, version)), await store.document(tx, version)

    async def page(
        self, limit: int, before: tuple[datetime, str] | None
    ) -> Sequence[StoredRuleset]:
        """Versions from the latest on."""
        async with self.work.begin() as tx:
            return await store.page(tx, limit, before=before)


def _check(document: dict[str, Any]) -> tuple[int, tuple[Finding, ...]]:
    size = len(canonical_json(document))
    if size > MOST_BYTES:
        raise TooLarge(f"A rule set may have at most {MOST_BYTES} bytes as canonical JSON.")
    try:
        ruleset = RuleSet.from_document(document)
    except RuleSetUnusable as error:
        raise Invalid("The rule set cannot be compiled.") from error
    try:
        compile_ruleset(ruleset)
    except RuleSetUnusable as error:
        fault = unusable(ruleset, error)
        raise Invalid("The rule set cannot be compiled.", [_field_error(fault)]) from error
    faults = lint(ruleset)
    if faults:
        number = len(faults)
        raise Invalid(
            "The rule set has one fault." if number == 1 else f"The rule set has {number} faults.",
            [_field_error(fault) for fault in faults[:_MOST_FAULTS]],
        )
    return size, advise(ruleset)


def _field_error(fault: Finding) -> FieldError:
    pointer = "".join(f"/{step}" for step in fault.path)
    return FieldError(pointer, fault.code, f"{fault.expected}, in `{fault.rule}`")


def _announcement(
    ruleset: StoredRuleset, now: datetime, document: dict[str, Any]
) -> RulesetPublished:
    return RulesetPublished(
        # a version is published once, so this is its one announcement
        event_id=derived_id(NAMESPACE, "ruleset", ruleset.version),
        occurred_at=now,
        recorded_at=now,
        version=ruleset.version,
        effective_at=ruleset.effective_at or now,
        ruleset=document,
    )


async def _known(found: Awaitable[StoredRuleset | None]) -> StoredRuleset:
    ruleset = await found
    if ruleset is None:
        raise NotFound("There is no such version of the rules.")
    return ruleset
