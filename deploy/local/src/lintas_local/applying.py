"""A city pack brought to running services: its documents to the gateway, its rules to the router."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintas_local.client import CallFailed, Service
from lintas_local.layout import PACKS
from lintas_local.pack import directory_documents, load_pack, ruleset
from lintas_local.stack import StackProblem

_IN_FORCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Applied:
    """What was brought where."""

    documents: int
    ruleset: str
    effective_at: str


def pack_folder(name: str) -> Path:
    """A pack by its name among the packs of the checkout, or by its path."""
    for folder in (PACKS / name, Path(name)):
        if folder.is_dir():
            return folder.resolve()
    known = ", ".join(sorted(path.parent.name for path in PACKS.glob("*/city.yaml")))
    raise StackProblem(f"there is no city pack {name}", f"Known are {known}; a path works too")


def apply_pack(name: str, environ: Mapping[str, str]) -> Applied:
    """Bring the pack into force and return once the router decides by it.

    Doing it again changes nothing: every version is derived from its content.

    Raises:
        PackInvalid: the pack is not in order; nothing was sent.
        CallFailed: a service refused or is away; doing it again goes on where it stopped.
    """
    pack = load_pack(pack_folder(name))
    documents = directory_documents(pack)
    rules = ruleset(pack)
    with Service.of("agency-gateway", environ) as gateway:
        for document in documents:
            _put(gateway, document)
    path = f"/v1/rulesets/{rules['version']}"
    with Service.of("router", environ) as router:
        router.post("/v1/rulesets", rules)
    with Service.of("router", environ, holder="publisher") as router:
        published = router.post(f"{path}/publish", {})
        _until_in_force(router, path)
    return Applied(len(documents), rules["version"], published["effective_at"])


def _put(gateway: Service, document: Mapping[str, Any]) -> None:
    body = {name: value for name, value in document.items() if name not in {"kind", "id"}}
    gateway.put(f"/v1/directory/{document['kind']}/{document['id']}", body)


def _until_in_force(router: Service, path: str) -> None:
    end = time.monotonic() + _IN_FORCE_S
    while not router.get(path)["in_force"]:
        if time.monotonic() > end:
            raise CallFailed(f"the router does not decide by {path} after {_IN_FORCE_S:.0f} s")
        time.sleep(0.2)
