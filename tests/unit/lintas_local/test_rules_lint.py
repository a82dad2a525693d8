import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from lintas_local.app import main

EXAMPLE = Path(__file__).parents[3] / "deploy" / "packs" / "example"


def test_advice_is_told_with_file_and_line(tmp_path):
    pack = tmp_path / "example"
    shutil.copytree(EXAMPLE, pack)
    rules = pack / "rules.yaml"
    text = rules.read_text().replace("any: [sampah]", "any: [warga]")
    rules.write_text(text)
    line = text.splitlines().index("    any: [warga]") + 1
    ran = CliRunner().invoke(main, ["rules", "lint", str(pack), "--json"])
    assert ran.exit_code == 0
    (advice,) = json.loads(ran.stdout)["advice"]
    assert (advice["file"], advice["line"]) == ("rules.yaml", line)
    assert advice["expected"].startswith("too_broad")
