"""Trained models: handed in once, named by rule sets, fetched by what is in force."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lintas.contracts.events.envelope import canonical_json
from lintas.database.work import UnitOfWork
from lintas.vocabulary.errors import FieldError, Invalid, NotFound
from router.domain import (
    Compiled,
    ModelUnusable,
    RuleSet,
    RuleSetUnusable,
    StoredModel,
    Suggester,
    compile_document,
    compile_ruleset,
)
from router.store import models

#: of a card in canonical JSON
_MOST_CARD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Models:
    """Keeps trained models. None ships; each comes from an operator's training."""

    work: UnitOfWork

    async def store(self, data: bytes, by: str) -> tuple[StoredModel, dict[str, Any], bool]:
        """Keep a model; it with its card, and whether it is new. The same again changes nothing.

        Raises:
            Invalid: it is no model this code can use.
        """
        model = await asyncio.to_thread(_read, data)
        version, card = model.version, dict(model.card)
        fresh = StoredModel(
            version=version,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            labels=model.labels,
            created_at=self.work.clock(),
            created_by=by,
        )
        async with self.work.begin() as tx:
            if await models.add(tx, fresh, data, card):
                return fresh, card, True
            known = await models.find(tx, version)
        if known is None:
            raise Invalid("The model holds bytes of another.", [_no_model()])
        return *known, False

    async def find(self, version: str) -> tuple[StoredModel, dict[str, Any]]:
        """A model and its card."""
        async with self.work.begin() as tx:
            found = await models.find(tx, version)
        if found is None:
            raise NotFound("There is no such model.")
        return found

    async def newest(self) -> Sequence[StoredModel]:
        """Models from the latest on."""
        async with self.work.begin() as tx:
            return await models.newest(tx)

    async def content(self, sha256: str) -> bytes | None:
        """The bytes with that hash; Unavailable while the database is away."""
        async with self.work.begin() as tx:
            return await models.content(tx, sha256)

    async def content_of(self, version: str) -> bytes:
        """The bytes of a version; NotFound if there is none."""
        stored, _ = await self.find(version)
        data = await self.content(stored.sha256)
        if data is None:
            raise NotFound("There is no such model.")
        return data


class ModelMissing(RuleSetUnusable):
    """The rules name a model, and it is not at hand."""


def compiled(document: Mapping[str, Any] | None, models: Mapping[str, bytes]) -> Compiled:
    """A document, ready, with the model that it names; `models` are found by their SHA-256.

    From before the first rule set there is no document.

    Raises:
        ModelMissing: the model is not among `models`.
        ModelUnusable: what bears its hash is no model.
        RuleSetUnusable: the document cannot be compiled.
    """
    if not document:
        return compile_ruleset(RuleSet.empty())
    ready = compile_document(document)
    named = ready.ruleset.model
    if named is None:
        return ready
    if named.sha256 not in models:
        raise ModelMissing("model")
    return ready.advised(Suggester.from_bytes(models[named.sha256]), named.threshold)


def _read(data: bytes) -> Suggester:
    """A model that can be used, and whose card can be shown."""
    try:
        model = Suggester.from_bytes(data)
    except ModelUnusable as error:
        raise Invalid("This is no model that can be used.", [_no_model()]) from error
    try:
        written = canonical_json([model.card, model.labels])
    except (TypeError, ValueError) as error:
        raise Invalid("The model's card cannot be shown.", [_no_card()]) from error
    if len(written) > _MOST_CARD_BYTES or b"\\u0000" in written:
        raise Invalid("The model's card cannot be shown.", [_no_card()])
    return model


def _no_model() -> FieldError:
    return FieldError("", "no_model", "a file that `lintas rules train` wrote")


def _no_card() -> FieldError:
    return FieldError("", "no_card", f"a card of JSON values, at most {_MOST_CARD_BYTES} bytes")
