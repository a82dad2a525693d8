"""The shipped JSON schema says what the models say."""

from pathlib import Path

import jsonschema
import pytest

from lintas_local.pack import schema, write_schema
from lintas_local.pack.reading import read_yaml

PACKS = Path(__file__).parents[3] / "deploy" / "packs"


def test_the_shipped_schema_is_in_step(tmp_path):
    write_schema(tmp_path / "fresh.json")
    shipped = (PACKS / "pack.schema.json").read_bytes()
    assert (tmp_path / "fresh.json").read_bytes() == shipped, "write_schema(deploy/packs/...)"


def test_it_is_a_valid_schema_of_2020_12():
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", ["bogor", "example"])
def test_shipped_packs_satisfy_it(name):
    files = {path.name: read_yaml(path, path.name).value for path in (PACKS / name).glob("*.yaml")}
    jsonschema.Draft202012Validator(schema()).validate(files)


def test_it_refuses_a_misspelt_key():
    files = {path.name: read_yaml(path, path.name).value for path in (PACKS / "example").iterdir()}
    files["city.yaml"]["colour"] = "blue"
    errors = list(jsonschema.Draft202012Validator(schema()).iter_errors(files))
    assert [(error.json_path, error.validator) for error in errors] == [
        ("$['city.yaml']", "additionalProperties")
    ]
