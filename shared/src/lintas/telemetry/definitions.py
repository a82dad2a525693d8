"""The metrics of Lintas, each defined once. Label values come from closed lists, never from input."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

MetricName = Literal[
    "lintas_http_requests_total",
    "lintas_http_request_seconds",
    "lintas_http_in_flight",
    "lintas_http_refused_total",
    "lintas_over_quota_total",
    "lintas_unexpected_errors_total",
    "lintas_ready",
    "lintas_loop_lag_seconds",
    "lintas_loop_alarms_total",
    "lintas_sign_ins_refused_total",
    "lintas_consumed_total",
    "lintas_consumer_lag",
    "lintas_consumer_paused",
    "lintas_rebalances_total",
    "lintas_produced_total",
    "lintas_producers_replaced_total",
    "lintas_outbox_pending",
    "lintas_outbox_oldest_seconds",
    "lintas_parked",
    "lintas_transaction_seconds",
    "lintas_mentions_total",
    "lintas_webhooks_total",
    "lintas_heard_total",
    "lintas_fetches_total",
    "lintas_media_fetches_total",
    "lintas_commit_size",
    "lintas_delivery_reports_total",
    "lintas_set_aside_total",
    "lintas_redactions_total",
    "lintas_unseals_total",
    "lintas_media_total",
    "lintas_imports_total",
    "lintas_import_rows_total",
    "lintas_erasures_total",
    "lintas_holds_total",
    "lintas_overdue_seconds",
    "lintas_decisions_total",
    "lintas_decide_seconds",
    "lintas_decide_batch",
    "lintas_rules_in_force",
    "lintas_rules_refused_total",
    "lintas_rules_waiting",
    "lintas_rules_decisions_total",
    "lintas_transitions_total",
    "lintas_statements_total",
    "lintas_facts_total",
    "lintas_fold_behind_seconds",
]


class Kind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


#: from half a millisecond to ten seconds
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as the metrics page shows it."""

    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

METRICS: Mapping[MetricName, Metric] = {
    # requests
    "lintas_http_requests_total": Metric(
        _C, "Answered requests, by route template.", ("method", "route", "status")
    ),
    "lintas_http_request_seconds": Metric(
        _H, "Time from the request's headers to the end of its answer.", ("method", "route")
    ),
    "lintas_http_in_flight": Metric(_G, "Requests being answered now."),
    "lintas_http_refused_total": Metric(_C, "Refusals, by problem type.", ("code",)),
    "lintas_over_quota_total": Metric(
        _C, "Requests refused as their source, or their kind, asks too much.", ("quota",)
    ),
    "lintas_unexpected_errors_total": Metric(
        _C, "Requests that ended in an error nobody foresaw; any is a bug."
    ),
    "lintas_ready": Metric(_G, "1 if the probe was green when last asked.", ("probe",)),
    "lintas_sign_ins_refused_total": Metric(
        _C, "Credentials that did not match (key or session).", ("credential",)
    ),
    # event loop
    "lintas_loop_lag_seconds": Metric(_G, "How late the event loop ran its last timer."),
    "lintas_loop_alarms_total": Metric(_C, "Times the event loop was blocked beyond the alarm."),
    # consumers
    "lintas_consumed_total": Metric(
        _C,
        "Records, by what became of them: handled, repeated, retried, parked or quarantined.",
        ("group", "topic", "outcome"),
    ),
    "lintas_consumer_lag": Metric(_G, "Records not yet read.", ("group", "topic", "partition")),
    "lintas_consumer_paused": Metric(
        _G,
        "1 while a partition is paused rather than lose a record.",
        ("group", "topic", "partition"),
    ),
    "lintas_rebalances_total": Metric(_C, "Times partitions moved.", ("group",)),
    # producers
    "lintas_produced_total": Metric(_C, "Acknowledged records.", ("topic",)),
    "lintas_producers_replaced_total": Metric(
        _C, "Producers thrown away after an error that cannot be retried."
    ),
    # tables
    "lintas_outbox_pending": Metric(_G, "Events written and not yet published."),
    "lintas_outbox_oldest_seconds": Metric(_G, "Age of the oldest event not yet published."),
    "lintas_parked": Metric(
        _G, "Records waiting for an earlier event or for newer code.", ("group",)
    ),
    "lintas_transaction_seconds": Metric(_H, "Time of one unit of work.", ("purpose",)),
    # ingest
    "lintas_mentions_total": Metric(
        _C,
        "Mentions, by what became of them: new, follow_up, repeat, refused, edited, stale (an edit"
        " that is no newer) or withdrawn.",
        ("channel", "outcome"),
    ),
    "lintas_delivery_reports_total": Metric(
        _C, "What platforms told of messages we sent.", ("channel", "state")
    ),
    "lintas_set_aside_total": Metric(
        _C, "Genuine contents that could not be read or are unknown.", ("channel",)
    ),
    "lintas_webhooks_total": Metric(
        _C,
        "Deliveries of platforms, by what became of them: kept, refused or unavailable.",
        ("channel", "outcome"),
    ),
    "lintas_heard_total": Metric(
        _C,
        "Parts of deliveries, by what they tell, or by why they could not be read.",
        ("channel", "kind"),
    ),
    "lintas_media_fetches_total": Metric(
        _C,
        "Files that mentions only name: kept, refused, no_token, put_off, given_up or gone.",
        ("channel", "outcome"),
    ),
    "lintas_fetches_total": Metric(
        _C,
        "Questions to platforms that gave ids only: fetched, put_off or given_up.",
        ("channel", "outcome"),
    ),
    "lintas_commit_size": Metric(_G, "Mentions that shared the last commit of the front door."),
    "lintas_redactions_total": Metric(_C, "Personal data masked at intake.", ("kind",)),
    "lintas_erasures_total": Metric(_C, "Reporters whose data was erased.", ("purpose",)),
    "lintas_holds_total": Metric(_C, "Legal holds that forbid erasing.", ("reason",)),
    "lintas_overdue_seconds": Metric(
        _G,
        "By how much the oldest of a kind is past the time it may be kept; 0: none is.",
        ("kind",),
    ),
    "lintas_unseals_total": Metric(_C, "Sealed records read back.", ("purpose",)),
    "lintas_media_total": Metric(
        _C, "Attachments kept, refused, or removed as nothing names them any more.", ("outcome",)
    ),
    "lintas_imports_total": Metric(
        _C, "Imports of files that ended: checked, done or failed.", ("outcome",)
    ),
    "lintas_import_rows_total": Metric(
        _C, "Rows of imported files: accepted, duplicate or rejected.", ("outcome",)
    ),
    # router
    "lintas_decisions_total": Metric(
        _C, "Decisions: assigned, triage or no action.", ("class", "outcome")
    ),
    "lintas_decide_seconds": Metric(_H, "Time to decide one batch, without sending it."),
    "lintas_decide_batch": Metric(_G, "Events in the last batch that was decided."),
    "lintas_rules_in_force": Metric(
        _G, "1 for the rule set that is decided by now, 0 for earlier ones.", ("version",)
    ),
    "lintas_rules_refused_total": Metric(
        _C, "Published rule sets this instance could not use; the one in force stayed."
    ),
    "lintas_rules_waiting": Metric(
        _G, "Published rule sets whose model could not be fetched yet; it is tried again."
    ),
    "lintas_rules_decisions_total": Metric(
        _C,
        "Decisions, by the rule set that made them; there are as many as were published.",
        ("version",),
    ),
    # agency-gateway
    "lintas_transitions_total": Metric(_C, "State changes of complaints.", ("state",)),
    "lintas_statements_total": Metric(_C, "State changes of statements.", ("kind", "state")),
    # metrics
    "lintas_facts_total": Metric(_C, "Facts folded.", ("kind",)),
    "lintas_fold_behind_seconds": Metric(_G, "Age of the newest folded event."),
}
