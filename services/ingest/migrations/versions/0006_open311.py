"""Complaints as Open311 requests, and the categories and agencies they are named after."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DIRECTORY = """
CREATE TABLE directory_document (
    kind text NOT NULL,
    id text NOT NULL,
    version text NOT NULL,
    effective_from timestamptz,
    effective_to timestamptz,
    known_from timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (kind, id, version)
);
COMMENT ON TABLE directory_document IS
    'Categories and agencies seen on the directory topic, so that a start needs no Kafka.';
"""

_REQUESTS = """
CREATE TABLE open311_request (
    complaint_id uuid PRIMARY KEY REFERENCES complaint ON DELETE CASCADE,
    requested_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    category text,
    hidden text,
    state text NOT NULL,
    disposition text,
    lead text,
    agency text,
    given jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX open311_request_listed ON open311_request (requested_at DESC, complaint_id)
    WHERE hidden IS NULL;
COMMENT ON TABLE open311_request IS
    'A complaint as others may list it, folded from the lifecycle; no text.';
COMMENT ON COLUMN open311_request.hidden IS 'Why it is not listed; NULL: it is.';
COMMENT ON COLUMN open311_request.agency IS 'Who said that it is theirs, or answered.';
COMMENT ON COLUMN open311_request.given IS
    'Answers to attributes, where they come from a closed list or are numbers or times.';

CREATE TABLE open311_words (
    complaint_id uuid PRIMARY KEY REFERENCES complaint ON DELETE CASCADE,
    mention_id uuid NOT NULL,
    revision text NOT NULL,
    key_id uuid NOT NULL REFERENCES reporter_key,
    description text NOT NULL,
    address text,
    lat double precision,
    lon double precision
);
CREATE INDEX open311_words_key ON open311_words (key_id);
COMMENT ON TABLE open311_words IS
    'Redacted words of listed complaints, made when first asked for; gone with the reporter''s key.';

CREATE FUNCTION forget_open311_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM open311_words WHERE key_id = NEW.key_id;
    RETURN NULL;
END $$;
CREATE TRIGGER reporter_key_takes_its_words AFTER UPDATE OF wrapped ON reporter_key
    FOR EACH ROW WHEN (NEW.wrapped IS NULL) EXECUTE FUNCTION forget_open311_words();

CREATE TABLE open311_update (
    update_id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES open311_request ON DELETE CASCADE,
    state text NOT NULL,
    disposition text,
    statement_id uuid,
    version integer,
    text text,
    happened_at timestamptz NOT NULL
);
CREATE INDEX open311_update_happened ON open311_update (happened_at, update_id);
CREATE INDEX open311_update_complaint ON open311_update (complaint_id, happened_at);
CREATE INDEX open311_update_statement ON open311_update (statement_id)
    WHERE statement_id IS NOT NULL;
COMMENT ON TABLE open311_update IS 'What became of listed complaints, one row a change.';

CREATE TABLE open311_post (
    post bytea PRIMARY KEY CHECK (length(post) = 32),
    nonce uuid NOT NULL,
    posted_at timestamptz NOT NULL
);
CREATE INDEX open311_post_posted ON open311_post (posted_at);
COMMENT ON TABLE open311_post IS
    'Bodies posted a short while ago, as keyed hashes: one that comes again is the same request.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_DIRECTORY, _REQUESTS):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
