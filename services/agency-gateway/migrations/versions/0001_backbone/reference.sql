-- The city's documents: public, versioned, never changed.

CREATE TABLE directory_document (
    -- in the order of publication: writers take one advisory lock
    revision bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL,
    id text NOT NULL,
    version text NOT NULL,
    effective_from timestamptz,
    effective_to timestamptz,
    known_from timestamptz NOT NULL,
    body jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (kind, id, version)
);
