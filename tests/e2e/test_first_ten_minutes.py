"""The README's first ten minutes, run as they stand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .city import CHECKOUT, City

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

_PORTS = {"8001": "ingest", "8002": "router", "8003": "agency-gateway", "8004": "metrics"}


def test_every_step_of_the_readme_does_what_it_says(city: City, tmp_path: Path):
    blocks = re.findall(r"```sh\n(.*?)```", (CHECKOUT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 5
    script = "\n".join(["set -euo pipefail", *blocks])
    for port, service in _PORTS.items():
        address = city.running["addresses"][service].removeprefix("http://")
        script = script.replace(f"127.0.0.1:{port}", address)
    (tmp_path / ".lintas").symlink_to(city.home)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("ticket BGR-")
    ticket = said[0].removeprefix("ticket ")
    assert f'"ticket":"{ticket}"' in said[1].replace(" ", "")
    tail = said[-9:]
    assert tail[0] == ticket
    assert tail[1:6] == ["in_progress", "in_review", "403", "confirmed", "published"]
    assert re.fullmatch(r"[0-9a-f]{64}", tail[6])
    assert tail[7] == "answered"
    assert int(tail[8]) > 0
