"""The corpus: what people said, and what became of it."""

from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

_CORPUS = """
CREATE TABLE corpus (
    complaint_id uuid PRIMARY KEY,
    mention_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    text text,
    channel text,
    address text,
    latitude double precision,
    longitude double precision,
    stated_class text,
    own_post boolean,
    stakeholder text,
    suspected text,
    decided_class text,
    decided_category text,
    decided_lead text,
    rules_version text
);
CREATE INDEX corpus_page ON corpus (received_at, complaint_id) WHERE text IS NOT NULL;
CREATE INDEX corpus_received ON corpus (received_at);
COMMENT ON TABLE corpus IS
    'First mentions as decisions see them; none of a secret complaint.';
COMMENT ON COLUMN corpus.text IS
    'Redacted, as last edited. NULL once it is erased or withdrawn, as is all that was said.';

CREATE TABLE corpus_ending (
    complaint_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    seq integer NOT NULL,
    lead text,
    settled_by text,
    bounces integer NOT NULL
);
CREATE INDEX corpus_ending_received ON corpus_ending (received_at);
COMMENT ON TABLE corpus_ending IS 'What became of a complaint, folded from its lifecycle.';
COMMENT ON COLUMN corpus_ending.seq IS 'Of the last fact that is folded in.';
COMMENT ON COLUMN corpus_ending.settled_by IS 'Who led when it was answered, resolved or closed.';
COMMENT ON COLUMN corpus_ending.bounces IS 'How often a lead returned it or handed it on.';

CREATE TABLE corpus_position (
    topic text NOT NULL,
    partition integer NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE corpus_position IS
    'Up to where topics are in the corpus: a database put back reads erasures since then again.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_CORPUS))
