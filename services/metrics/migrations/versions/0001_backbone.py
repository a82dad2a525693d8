"""Facts, what they add up to, positions, directory and rebuilds."""

from alembic import op

from lintas.database.ddl import PARKED_EVENT_V1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Every folded row carries the generation of the fold that made it; `fold` says which is shown. A
# rebuild fills the next generation beside it and then moves the pointer, with no rights on tables.
TABLES = (
    """
CREATE TABLE fold (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    generation integer NOT NULL
)
""",
    "INSERT INTO fold (generation) VALUES (1)",
    """
CREATE TABLE kafka_pos (
    generation integer NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next bigint NOT NULL,
    -- everything written to the partition by then is folded
    read_to timestamptz,
    PRIMARY KEY (generation, topic, partition)
)
""",
    """
CREATE TABLE fact (
    generation integer NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    complaint_id uuid NOT NULL,
    seq integer NOT NULL,
    agency text,
    role text,
    assignment_id uuid,
    calendar text,
    calendar_version text,
    PRIMARY KEY (generation, event_id),
    UNIQUE (generation, complaint_id, seq)
)
""",
    # complaints with facts beyond a gap
    """
CREATE TABLE waiting (
    generation integer NOT NULL,
    complaint_id uuid NOT NULL,
    facts integer NOT NULL,
    PRIMARY KEY (generation, complaint_id)
)
""",
    """
CREATE TABLE complaint_fact (
    generation integer NOT NULL,
    complaint_id uuid NOT NULL,
    seq integer NOT NULL,
    last_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    posted_at timestamptz,
    origin text NOT NULL,
    channel text NOT NULL,
    mention_class text NOT NULL,
    category text,
    kecamatan text,
    kelurahan text,
    subject text,
    stance text NOT NULL,
    stakeholder text NOT NULL,
    first_response_due_at timestamptz,
    resolution_due_at timestamptz,
    calendar text,
    calendar_version text,
    outcome text,
    state text NOT NULL,
    lead text,
    first_assigned_at timestamptz,
    first_response_at timestamptz,
    resolved_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (generation, complaint_id)
) WITH (fillfactor = 80)
""",
    """
CREATE INDEX complaint_fact_received
    ON complaint_fact (generation, received_at, complaint_id)
""",
    """
CREATE TABLE assignment_fact (
    generation integer NOT NULL,
    assignment_id uuid NOT NULL,
    complaint_id uuid NOT NULL,
    agency text NOT NULL,
    role text NOT NULL,
    assigned_at timestamptz NOT NULL,
    calendar text,
    calendar_version text,
    accepted_at timestamptz,
    done_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (generation, complaint_id, assignment_id)
) WITH (fillfactor = 80)
""",
    """
CREATE TABLE statement_fact (
    generation integer NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    statement_id uuid NOT NULL,
    version integer NOT NULL,
    stage text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    agency text NOT NULL,
    complaints integer NOT NULL,
    PRIMARY KEY (generation, event_id)
)
""",
    """
CREATE TABLE directory (
    generation integer NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    version text NOT NULL,
    effective_from timestamptz,
    effective_to timestamptz,
    known_from timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (generation, kind, id, version)
)
""",
    """
CREATE TABLE rebuild (
    id uuid PRIMARY KEY,
    generation integer NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('requested', 'running', 'cleaning', 'done')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    finished_at timestamptz,
    facts bigint NOT NULL DEFAULT 0
)
""",
    PARKED_EVENT_V1,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
