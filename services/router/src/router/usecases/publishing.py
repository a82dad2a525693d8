"""Rule sets from draft to publication, and back."""

import asyncio
import hashlib
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lintas.contracts.events.envelope import canonical_json
from lintas.contracts.events.reference import (
    RulesetPublished,
    RulesetWithdrawn,
    publication_key,
)
from lintas.contracts.topics import RULES
from lintas.database.work import Transaction, UnitOfWork
from lintas.vocabulary.errors import Conflict, FieldError, Invalid, NotFound, TooLarge
from lintas.vocabulary.ids import NAMESPACE, EventId, derived_id
from router.domain import (
    NO_RULES,
    Differences,
    Finding,
    OwnVersion,
    Publication,
    RuleSet,
    RuleSetUnusable,
    StoredRuleset,
    advise,
    compile_ruleset,
    differences,
    effective_moment,
    lint,
    unusable,
)
from router.store import models, publications, rulesets

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
            Invalid: it names rule and field of each fault, or a model that nobody handed in.
            TooLarge: it would not fit one record.
        """
        # a large set takes a second: requests and deciding go on meanwhile
        checked = await asyncio.to_thread(_check, document)
        if document.get("model"):
            async with self.work.begin() as tx:
                await _check_model(tx, document)
        return checked

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
            if await rulesets.add(tx, fresh, document):
                return fresh, True
            known = await rulesets.find(tx, fresh.version)
        if known is None or known.sha256 != fresh.sha256:
            raise Conflict("This version holds other rules; a changed rule set needs a new one.")
        return known, False

    async def publish(self, version: str, asked: datetime | None, by: str) -> StoredRuleset:
        """Announce a version; it applies from `asked` on, or as soon as all can have read of it.

        Where it is announced already that this version applies then, nothing changes. Publishing
        an older version is how one goes back to it.

        Raises:
            OwnVersion: `by` is the party that handed it in.
        """
        async with self.work.begin() as tx:
            await publications.one_at_a_time(tx)
            stored = await _known(rulesets.find(tx, version))
            if stored.created_by == by:
                raise OwnVersion(
                    f"`{by}` handed this version in; another party than that publishes it."
                )
            now = self.work.clock()
            anything, last = await publications.numbers(tx, version)
            notice = self.notice if anything else timedelta(0)
            effective_at = effective_moment(asked, now, notice=notice, first=not anything)
            applying = await publications.applying(tx, effective_at)
            if applying is not None and applying.version == version:
                return stored.published(applying)
            fresh = Publication(version, last + 1, now, by, effective_at)
            await publications.add(tx, fresh)
            document = await rulesets.document(tx, version)
            await tx.publish(RULES, [_announcement(fresh, notice, document)])
        return stored.published(fresh)

    async def withdraw(self, version: str, by: str) -> Publication:
        """Take back what is announced of a version and did not begin; any one party may.

        Raises:
            Conflict: nothing of it is announced, or too soon for every instance to read of this.
        """
        async with self.work.begin() as tx:
            await publications.one_at_a_time(tx)
            await _known(rulesets.find(tx, version))
            now = self.work.clock()
            announced = await publications.announced(tx, version)
            if not announced or announced[0].effective_at <= now:
                raise Conflict("Nothing of this version is announced that did not begin.")
            latest = announced[0]
            until = latest.latest_withdrawal(self.notice)
            if until <= now:
                raise Conflict(
                    "It begins too soon to be withdrawn everywhere; publish the version to go back to."
                )
            await publications.mark_withdrawn(tx, latest, now, by)
            await tx.publish(RULES, [_withdrawal(latest, now, until)])
        return latest.withdrawn(at=now, by=by)

    async def find(self, version: str) -> tuple[StoredRuleset, dict[str, Any]]:
        """A version and its document."""
        async with self.work.begin() as tx:
            stored = await _known(rulesets.find(tx, version))
            return stored, await rulesets.document(tx, version)

    async def compare(self, version: str, against: str) -> Differences:
        """What turns the rules of `against` into those of `version`."""
        _, after = await self.find(version)
        _, before = (None, {}) if against == NO_RULES else await self.find(against)
        return await asyncio.to_thread(differences, before, after)

    async def page(
        self, limit: int, before: tuple[datetime, str] | None
    ) -> Sequence[StoredRuleset]:
        """Versions from the latest on."""
        async with self.work.begin() as tx:
            return await rulesets.page(tx, limit, before=before)

    async def history(
        self, limit: int, before: int | None, version: str | None
    ) -> Sequence[tuple[int, Publication]]:
        """Publications from the latest on, of one version or all, with their places in the order."""
        async with self.work.begin() as tx:
            return await publications.page(tx, limit, before=before, version=version)


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


async def _check_model(tx: Transaction, document: Mapping[str, Any]) -> None:
    named = document["model"]
    found = await models.find(tx, named["version"])
    if found is None:
        field, expected = "version", "a model that was handed in"
    elif found[0].sha256 != named["sha256"]:
        field, expected = "sha256", "that of the model with this version"
    elif not set(found[0].labels) & set(document["agencies"]):
        field, expected = "version", "a model whose labels name agencies of these rules"
    else:
        return
    raise Invalid(
        "The rule set names a model it cannot use.",
        [FieldError(f"/model/{field}", "unknown_model", expected)],
    )


def _field_error(fault: Finding) -> FieldError:
    pointer = "".join(f"/{step}" for step in fault.path)
    return FieldError(pointer, fault.code, f"{fault.expected}, in `{fault.rule}`")


def _announcement(
    publication: Publication, notice: timedelta, document: dict[str, Any]
) -> RulesetPublished:
    return RulesetPublished(
        event_id=_event_id(publication_key(publication.version, publication.number)),
        occurred_at=publication.published_at,
        recorded_at=publication.published_at,
        version=publication.version,
        number=publication.number,
        effective_at=publication.effective_at,
        notice_ms=int(notice.total_seconds() * 1000),
        ruleset=document,
    )


def _withdrawal(publication: Publication, now: datetime, until: datetime) -> RulesetWithdrawn:
    key = publication_key(publication.version, publication.number)
    return RulesetWithdrawn(
        event_id=_event_id(f"{key}:withdrawn"),
        occurred_at=now,
        recorded_at=now,
        version=publication.version,
        number=publication.number,
        until=until,
    )


def _event_id(key: str) -> EventId:
    # each key stands for one fact that is told once
    return derived_id(NAMESPACE, "ruleset", key)


async def _known(found: Awaitable[StoredRuleset | None]) -> StoredRuleset:
    ruleset = await found
    if ruleset is None:
        raise NotFound("There is no such version of the rules.")
    return ruleset
