"""City packs: what a city configures, read from YAML, checked, and turned into documents."""

from lintas_local.pack.demo import AnswersFile, DemoAnswer, DemoMention, load_answers, load_mentions
from lintas_local.pack.documents import directory_documents, ruleset
from lintas_local.pack.loading import load_pack, overlay
from lintas_local.pack.models.pack import Pack
from lintas_local.pack.problems import PackInvalid, Problem
from lintas_local.pack.schema import schema, write_schema

__all__ = [
    "AnswersFile",
    "DemoAnswer",
    "DemoMention",
    "Pack",
    "PackInvalid",
    "Problem",
    "directory_documents",
    "load_answers",
    "load_mentions",
    "load_pack",
    "overlay",
    "ruleset",
    "schema",
    "write_schema",
]
