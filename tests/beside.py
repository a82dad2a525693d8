"""What may stand beside a checkout and is no part of it: other projects' samples, real reports."""

import pytest

from lintas_local.layout import CHECKOUT

SHARED = CHECKOUT.parent / "shared"
#: real reports of several cities; only figures leave them
DATA = SHARED / "data"
#: what platforms and clients send, as other projects keep it
PAYLOADS = SHARED / "payloads"

needs_payloads = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="the samples of other projects are not here"
)


def payload(name: str) -> bytes:
    """A sample by its name; without the samples the test is skipped."""
    if not PAYLOADS.is_dir():
        pytest.skip("the samples of other projects are not here")
    return (PAYLOADS / name).read_bytes()
