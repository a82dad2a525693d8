"""Those who answer: each office claims, accepts, contributes, and publishes what a second confirms."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

import httpx2
from tests.faults.citizens import Citizens
from tests.faults.clients import Door
from tests.faults.history import History, Operation

from lintas.vocabulary.ids import NAMESPACE

_CLAIM = 8
_LEASE_S = 20
_PAUSE_S = 0.25
_TRIES = 6
_OVERRIDE = "The other office has not answered in time."


@dataclass
class Office:
    """An officer and a confirmer of one agency; every act of theirs stands in the history.

    An act whose fate is unknown is tried again under the same key, a few times; then the case is
    left as it is, as people do.
    """

    history: History
    gateway: Door
    agency: str
    officer: str
    confirmer: str
    citizens: Citizens
    seed: int
    run: int

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.seed}/{self.agency}")

    async def work(self, until: asyncio.Event) -> None:
        """Take and answer cases until told to stop; the case in hand is finished."""
        while not until.is_set():
            items = await self._claim()
            for item in items:
                if until.is_set():
                    return
                await self._handle(item)
                await self._pry()
                await asyncio.sleep(_PAUSE_S)
            if not items:
                await self._read_queue()
                await asyncio.sleep(_PAUSE_S)

    async def _claim(self) -> list[dict[str, Any]]:
        operation = self._invoke("claim")
        answer = await self._send(
            operation,
            f"/v1/agencies/{self.agency}/claims",
            {"max": _CLAIM, "lease_s": _LEASE_S},
            keep=("claim_id", "expires_at", "items"),
        )
        if answer is None or not operation.ok:
            return []
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def _read_queue(self) -> None:
        operation = self._invoke("queue")
        await self.gateway.send(
            operation,
            "GET",
            f"/v1/agencies/{self.agency}/queue?limit=50",
            credential=self.officer,
            look=True,
        )

    async def _pry(self) -> None:
        """Ask for somebody else's complaint; mostly it must not be there."""
        if not self.citizens.accepted:
            return
        _, told = self._random.choice(self.citizens.accepted)
        operation = self._invoke("pry", complaint=told["complaint_id"])
        await self.gateway.send(
            operation,
            "GET",
            f"/v1/complaints/{told['complaint_id']}",
            credential=self.officer,
            look=True,
        )

    async def _handle(self, item: dict[str, Any]) -> None:
        complaint = item["complaint_id"]
        if item["state"] == "queued" and not await self._accept(complaint, item["etag"]):
            return
        if item["role"] == "contributor":
            await self._step(
                "contribute",
                f"/v1/complaints/{complaint}/contributions",
                {"text": "Bagian kami selesai."},
                complaint=complaint,
                about=f"{complaint}/{self.agency}",
            )
        elif self._random.random() < 0.6 and await self._answer(complaint):
            await self._settle(complaint)

    async def _accept(self, complaint: str, etag: str) -> bool:
        for _ in range(_TRIES):
            operation = self._invoke("accept", complaint=complaint)
            await self._send(
                operation, f"/v1/complaints/{complaint}/accept", {}, headers={"If-Match": etag}
            )
            if operation.ok:
                return True
            shown = await self._show(complaint)
            if shown is None:
                continue
            if any(
                part["agency"] == self.agency and part["state"] != "queued"
                for part in shown.json()["assignments"]
            ):
                return True
            etag = shown.headers["ETag"]
        return False

    async def _answer(self, complaint: str) -> bool:
        draft = await self._step(
            "draft",
            "/v1/statements",
            {
                "kind": "answer",
                "purpose": "listening",
                "agency": self.agency,
                "complaint_ids": [complaint],
                "text": "Diperbaiki paling lambat Jumat, 27 November 2026.",
                "variants": {},
            },
            complaint=complaint,
            about=f"draft/{complaint}",
            keep=("id", "sha256"),
        )
        if draft is None:
            return False
        statement, path = draft["id"], f"/v1/statements/{draft['id']}"
        steps = (
            ("review", {}, self.officer),
            ("confirm", {"sha256": draft["sha256"]}, self.confirmer),
            ("publish", {"override_reason": _OVERRIDE}, self.officer),
        )
        for act, body, who in steps:
            done = await self._step(
                act,
                f"{path}/{act}",
                body,
                complaint=complaint,
                statement=statement,
                about=f"{path}/{act}",
                credential=who,
                keep=("id", "version", "state"),
            )
            if done is None:
                return False
        return True

    async def _settle(self, complaint: str) -> None:
        if self._random.random() < 0.5:
            return
        for act in ("resolve", "close"):
            shown = await self._show(complaint)
            if shown is None:
                return
            body = {"override_reason": _OVERRIDE} if act == "resolve" else {}
            operation = self._invoke(act, complaint=complaint)
            await self._send(
                operation,
                f"/v1/complaints/{complaint}/{act}",
                body,
                headers={"If-Match": shown.headers["ETag"]},
            )
            if not operation.ok:
                return

    async def _show(self, complaint: str) -> httpx2.Response | None:
        operation = self._invoke("show", complaint=complaint)
        answer = await self.gateway.send(
            operation,
            "GET",
            f"/v1/complaints/{complaint}",
            credential=self.officer,
            look=True,
        )
        if not operation.ok:
            await asyncio.sleep(_PAUSE_S)
            return None
        return answer

    async def _step(
        self,
        kind: str,
        path: str,
        body: dict[str, Any],
        *,
        about: str,
        keep: tuple[str, ...] = (),
        credential: str | None = None,
        **asked: str,
    ) -> dict[str, Any] | None:
        """An act under a key of its own, tried again until its fate is known; None if refused."""
        key = uuid5(NAMESPACE, f"faults/{self.run}/{about}")
        for _ in range(_TRIES):
            operation = self._invoke(kind, **asked)
            await self._send(
                operation,
                path,
                body,
                keep=keep,
                headers={"Idempotency-Key": f'"{key}"'},
                credential=credential,
            )
            if operation.ok:
                return operation.told
            if operation.status is not None and operation.status < 500:
                return None
            await asyncio.sleep(_PAUSE_S)
        return None

    async def _send(
        self,
        operation: Operation,
        path: str,
        body: dict[str, Any],
        *,
        keep: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        credential: str | None = None,
    ) -> httpx2.Response | None:
        return await self.gateway.send(
            operation,
            "POST",
            path,
            credential=credential or self.officer,
            headers=headers,
            keep=keep,
            look=True,
            json=body,
        )

    def _invoke(self, kind: str, **asked: str) -> Operation:
        return self.history.invoke(f"office.{self.agency}", kind, agency=self.agency, **asked)
