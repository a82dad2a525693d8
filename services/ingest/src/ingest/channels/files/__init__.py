"""Files of complaints: CSV, XLSX and NDJSON, read row by row with a mapping of their columns."""

from ingest.channels.files.mapping import Code, Mapping, Times
from ingest.channels.files.proposing import Wishes, propose
from ingest.channels.files.reading import open_rows
from ingest.channels.files.rows import Limits, Rejection, Row, Rows, Shape, SourceUnreadable
from ingest.channels.files.times import read_moment, zone_named
from ingest.channels.files.translating import Mapped, blamed, mention_of, resolve, slug

__all__ = [
    "Code",
    "Limits",
    "Mapped",
    "Mapping",
    "Rejection",
    "Row",
    "Rows",
    "Shape",
    "SourceUnreadable",
    "Times",
    "Wishes",
    "blamed",
    "mention_of",
    "open_rows",
    "propose",
    "read_moment",
    "resolve",
    "slug",
    "zone_named",
]
