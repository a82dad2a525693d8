"""The definitions in words, exact enough to recompute every figure from the raw topics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lintas.vocabulary.terms import Clock
from metrics.domain.questions import Metric, Negative, Reason, SlaVariant


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric in words."""

    metric: Metric
    #: by language
    name: Mapping[str, str]
    definition: str
    #: which complaints, assignments or deadlines it looks at
    cohort: str
    excluded: Mapping[Reason, str] = field(default_factory=dict)


#: how time is counted
CLOCKS: Mapping[Clock, str] = {
    Clock.WALL: "The difference of the two instants, to the microsecond.",
    Clock.WORKING: (
        "Office hours between the two instants, each cut to its whole second, in one pinned version "
        "of one calendar: that of the complaint's first_response deadline in its registration (of "
        "its first deadline, if there is no such one); for an assignment that of its own first "
        "deadline, if it has one. Without any deadline: the calendar of the agency that leads (that "
        "was assigned), in the version in force and known at received_at; of several the one with "
        "the latest effective_from, then known_from, then version. All rows of the pinned version "
        "count, whenever they became known."
    ),
}

#: which instants and which facts
TIMES = (
    "received_at is the one in the registration: our durable acceptance of the first mention, for "
    "imports the source's own time. Every other instant is the occurred_at of its fact. A fact "
    "counts if it was folded (positions) and its occurred_at is not after as_of; facts of a "
    "complaint apply in the order of seq, and only up to the first missing one."
)

#: a duration that ends before it begins, by what is asked
NEGATIVE: Mapping[Negative, str] = {
    Negative.FLAG: "Counted as n_flagged and in no percentile: a stamp of the source is wrong.",
    Negative.KEEP: "Counted in n and in the percentiles as it is, below zero; n_flagged is 0.",
}

#: answers of other systems
IMPORTED_ANSWERS = (
    "False: only answers that were confirmed here are first responses. True: so is an "
    "answered_elsewhere fact, by which the source of an import says that it answered; of several "
    "the earliest counts. Nobody here confirmed what was said then."
)

_UNJUDGED = (
    "The source gave no verdict on its own date (unjudged in the registration), so its published "
    "rate leaves the complaint out."
)
#: how kept deadlines are counted, by what is asked
SLA_VARIANTS: Mapping[SlaVariant, str] = {
    SlaVariant.AS_PROMISED: "The definition of sla_compliance.",
    SlaVariant.CLOSED_WITH_TARGET: (
        "Stage resolution only. n_met / (n_met + n_breached) over complaints that were resolved "
        "(imports: or closed) and have a target; met: at due_at or before. Excluded: no_target, "
        "not_reached (open, or ended without), unjudged. The rate of a source that judges only "
        "what it has finished; it looks better the longer overdue cases stay open."
    ),
    SlaVariant.PUBLISHED_ALL_ROWS: (
        "Stage resolution only. n_met / (n_met + n_breached) over all complaints but the "
        "unjudged; met: resolved at due_at or before, or open and as_of not after due_at, or "
        "without a target at all, open or not. The rate of a source that counts what has no date "
        "as kept. Unjudged complaints are left out because the source leaves them out, also where "
        "they are overdue; as_promised counts them as breached."
    ),
}

_NO_ACTION = "Now in no action needed: an own post, thanks or spam, unless a person decided again."
_NO_CALENDAR = "Working clock only: the calendar is not in the directory."
_RECEIVED = "Complaints with received_at in [from, to)"

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        Metric.COUNTS,
        {"id": "Jumlah", "en": "Counts"},
        "registered = routed + triage + no_action + undecided, by the first of the facts assigned, "
        "triaged and no_action. answered: has a first response. resolved: resolved and not "
        "reopened (imports: or closed). open: in registered, triage, assigned, in progress or "
        "answered. closed, rejected, merged, withdrawn: by the state. published: statements by the "
        "occurred_at of their first published fact in [from, to), by the agency of that fact.",
        f"{_RECEIVED}, of every class.",
    ),
    Definition(
        Metric.TIME_TO_ASSIGN,
        {"id": "Waktu sampai ditugaskan", "en": "Time to assign"},
        "First assignment (of any role) minus received_at.",
        f"{_RECEIVED}.",
        {
            Reason.NO_ACTION: _NO_ACTION,
            Reason.ENDED: "Rejected, merged, withdrawn or closed without an assignment.",
            Reason.UNTIMED: "An import whose source does not tell when it was assigned.",
            Reason.NO_CALENDAR: _NO_CALENDAR,
        },
    ),
    Definition(
        Metric.TIME_TO_ACCEPT,
        {"id": "Waktu sampai diterima", "en": "Time to accept"},
        "The agency's acceptance minus its assignment, for each assignment of lead or contributor. "
        "Grouped and filtered by the assigned agency.",
        "Assignments of complaints with received_at in [from, to).",
        {
            Reason.NO_ACTION: _NO_ACTION,
            Reason.ENDED: "Returned, transferred or taken back, or the complaint ended, before the "
            "agency accepted.",
            Reason.UNTIMED: "An assignment of an import, as no source tells of acceptances, unless "
            "the agency accepted it here.",
            Reason.NO_CALENDAR: _NO_CALENDAR,
        },
    ),
    Definition(
        Metric.FIRST_RESPONSE,
        {"id": "Tanggapan pertama", "en": "First response"},
        "First answered fact (public, confirmed, substantive; never an acknowledgement or an "
        "assignment) minus received_at. n_breached: answered after the first_response deadline, or "
        "open and past it.",
        f"{_RECEIVED}.",
        {
            Reason.NO_ACTION: _NO_ACTION,
            Reason.ENDED: "Rejected, merged, withdrawn or closed without an answer.",
            Reason.NO_CALENDAR: _NO_CALENDAR,
        },
    ),
    Definition(
        Metric.RESOLUTION,
        {"id": "Penyelesaian", "en": "Resolution"},
        "Last resolved fact minus received_at; what was reopened since is open. For imports a "
        "closing without a resolution is one. n_breached: resolved after the resolution deadline, "
        "or open and past it.",
        f"{_RECEIVED}.",
        {
            Reason.NO_ACTION: _NO_ACTION,
            Reason.ENDED: "Rejected, merged, withdrawn or closed without being resolved.",
            Reason.NO_CALENDAR: _NO_CALENDAR,
        },
    ),
    Definition(
        Metric.SLA_COMPLIANCE,
        {"id": "Kepatuhan tenggat", "en": "Deadline compliance"},
        "n_met / (n_met + n_breached). The deadline is the due_at of that stage in the "
        "registration, as promised. Fallen: due_at before as_of. Met: reached at due_at or before "
        "(first answered fact; last resolved fact, not reopened). Breached: every other that fell, "
        "open or not. n_open: of the breached, those that may still be reached. n_ahead: not fallen yet, kept or not.",
        "Deadlines with due_at in [from, to); complaints without one by received_at.",
        {
            Reason.NO_ACTION: _NO_ACTION,
            Reason.ENDED: "Rejected, merged, withdrawn or closed, without having reached it, at "
            "due_at or before.",
            Reason.NO_TARGET: "The registration has no deadline of that stage.",
            Reason.UNJUDGED: f"Variants of sources only. {_UNJUDGED}",
            Reason.NOT_REACHED: "closed_with_target only: neither resolved nor, for imports, closed.",
        },
    ),
    Definition(
        Metric.BACKLOG,
        {"id": "Tunggakan", "en": "Backlog"},
        "Age of the open complaints: as_of minus received_at. Buckets: working days after the "
        "local date of received_at up to and including that of as_of, in the pinned calendar. "
        "n_breached: past a first_response or resolution deadline that was not reached.",
        f"{_RECEIVED}, open at as_of.",
        {Reason.NO_CALENDAR: _NO_CALENDAR},
    ),
)
