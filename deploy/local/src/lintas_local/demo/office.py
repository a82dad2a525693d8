"""One agency's officer and confirmer at work, over the real API."""

from typing import Any

from lintas_local.demo.calls import CallRefused, Service
from lintas_local.demo.choices import Choices, open_parts
from lintas_local.demo.progress import DayProgress

_CLAIM = 50
#: short, so that what a lost answer claimed is free again soon
_LEASE_S = 20
_CONFLICT, _STALE = 409, 412
_OVERRIDE = "A contributor has not answered in time; the lead answers for its part."
#: the states in which an act has already been done
_DONE = {"resolve": {"resolved", "closed"}, "close": {"closed"}}


class Office:
    """Takes what its queue holds, contributes, and answers what it leads."""

    def __init__(
        self,
        gateway: Service,
        agency: str,
        choices: Choices,
        progress: DayProgress,
        *,
        officer: str,
        confirmer: str,
    ) -> None:
        """`officer` and `confirmer` are session tokens of two different people."""
        self._gateway = gateway
        self._agency = agency
        self._choices = choices
        self._progress = progress
        self._officer = officer
        self._confirmer = confirmer
        #: complaint id → its queue item, ours as lead and not yet answered
        self._leading: dict[str, dict[str, Any]] = {}
        #: complaint id → statement id
        self.published: dict[str, str] = {}

    @property
    def has_more(self) -> bool:
        """Whether something it leads will still be answered."""
        return any(self._choices.answers(complaint) for complaint in self._leading)

    async def take(self) -> int:
        """Claim what is free and accept it; how much that was."""
        lot = await self._gateway.post(
            f"/v1/agencies/{self._agency}/claims",
            {"max": _CLAIM, "lease_s": _LEASE_S},
            credential=self._officer,
        )
        return await self._begin(lot["items"])

    async def sweep(self) -> int:
        """Take up whatever is open and not in hand: an answer of ours may have been lost."""
        queue = await self._gateway.get(
            f"/v1/agencies/{self._agency}/queue", credential=self._officer, limit=200
        )
        return await self._begin(queue["items"])

    async def answer(self) -> int:
        """Answer every complaint it leads whose contributions are in; how many those were."""
        groups: dict[str, list[str]] = {}
        for complaint in self._leading:
            if self._choices.answers(complaint):
                groups.setdefault(self._choices.incident(complaint), []).append(complaint)
        return sum([await self._answer_together(sorted(group)) for group in groups.values()])

    async def _begin(self, items: list[dict[str, Any]]) -> int:
        begun = 0
        for item in items:
            complaint = item["complaint_id"]
            leads = item["role"] == "lead"
            if complaint in self._leading or complaint in self.published:
                continue
            if not leads and self._choices.stays_silent(complaint, self._agency):
                continue
            if item["state"] == "queued":
                await self._act(complaint, "accept", {}, etag=item["etag"])
                self._progress.add("taken")
            if leads:
                self._leading[complaint] = item
            else:
                await self._contribute(complaint, item["category"])
            begun += 1
        return begun

    async def _contribute(self, complaint: str, category: str | None) -> None:
        await self._gateway.post(
            f"/v1/complaints/{complaint}/contributions",
            {"text": self._choices.texts.contribution(category)},
            credential=self._officer,
            about=f"contribution/{complaint}/{self._agency}",
        )

    async def _answer_together(self, complaints: list[str]) -> int:
        silent = False
        for complaint in complaints:
            shown = await self._gateway.get(f"/v1/complaints/{complaint}", credential=self._officer)
            parts = open_parts(shown)
            if not all(self._choices.stays_silent(complaint, agency) for agency in parts):
                return 0
            silent = silent or bool(parts)
        statement = await self._draft(complaints)
        path = f"/v1/statements/{statement['id']}"
        reason = {"override_reason": _OVERRIDE} if silent else {}
        await self._step(f"{path}/review", {}, self._officer)
        await self._step(f"{path}/confirm", {"sha256": statement["sha256"]}, self._confirmer)
        await self._step(f"{path}/publish", reason, self._officer)
        for complaint in complaints:
            del self._leading[complaint]
            self.published[complaint] = statement["id"]
            if self._choices.resolves(complaint):
                etag = await self._act(complaint, "resolve", reason)
                if self._choices.closes(complaint):
                    await self._act(complaint, "close", {}, etag=etag)
        self._progress.add("published", len(complaints))
        return len(complaints)

    async def _draft(self, complaints: list[str]) -> dict[str, Any]:
        first = self._leading[complaints[0]]
        text = self._choices.texts.answer(first["category"], first["mention_class"])
        draft: dict[str, Any] = await self._gateway.post(
            "/v1/statements",
            {
                "kind": "answer",
                "purpose": "listening",
                "agency": self._agency,
                "complaint_ids": complaints,
                "text": text,
                "variants": {},
            },
            credential=self._officer,
            about=f"statement/{self._agency}/{','.join(complaints)}",
        )
        return draft

    async def _act(
        self, complaint: str, act: str, body: dict[str, Any], *, etag: str | None = None
    ) -> str | None:
        """One act on a complaint as it is now, and the version it has then.

        `etag` is the version as last seen; another office may have changed it since.
        """
        path = f"/v1/complaints/{complaint}"
        while True:
            if etag is None:
                shown, etag = await self._gateway.get_with_etag(path, credential=self._officer)
                if self._is_done(act, shown):
                    return etag
            try:
                return await self._gateway.post_for_etag(
                    f"{path}/{act}", body, credential=self._officer, if_match=etag
                )
            except CallRefused as refusal:
                if refusal.status not in {_CONFLICT, _STALE}:
                    raise
                etag = None

    async def _step(self, path: str, body: dict[str, Any], credential: str) -> None:
        """One step of a statement; the same step again, after a lost answer, changes nothing."""
        await self._gateway.post(path, body, credential=credential, about=path)

    def _is_done(self, act: str, complaint: dict[str, Any]) -> bool:
        if act == "accept":
            return any(
                part["agency"] == self._agency and part["state"] != "queued"
                for part in complaint["assignments"]
            )
        return complaint["state"] in _DONE[act]
