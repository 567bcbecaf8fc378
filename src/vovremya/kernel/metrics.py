"""The figures the program keeps of itself, for Prometheus: declared here, each counted where the thing happens.

In the kernel, because the watch, the feed and the pages all count and know nothing of each other. They are counters
without a will: nothing in the program reads them. No label ever holds an id, a name or an address. Where several
processes serve, `PROMETHEUS_MULTIPROC_DIR` names the folder they share; it is set before this module is imported.
"""

from prometheus_client import Counter, Gauge, Histogram

_DELAYS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_ANSWERS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

announced_after = Histogram(
    "vovremya_announced_after_seconds",
    "From the instant of the timeline to its entry in the journal, in shown time",
    ["kind"],
    buckets=_DELAYS,
)
told_after = Histogram(
    "vovremya_told_after_seconds",
    "From the entry of the journal to its event for the open boards, in shown time",
    buckets=_DELAYS,
)
open_boards = Gauge("vovremya_open_boards", "Streams of the live feed open now", multiprocess_mode="livesum")
recorded = Counter("vovremya_entries_recorded", "Entries written to the journal", ["kind"])
actions = Counter("vovremya_actions", "What was asked for by a POST, and what came of it", ["action", "result"])
request_seconds = Histogram(
    "vovremya_request_seconds",
    "Time a page took in its thread",
    ["route", "method", "status"],
    buckets=_ANSWERS,
)
database_errors = Counter("vovremya_database_errors", "Failures to reach the database or to be served by it")
watch_lag = Gauge(
    "vovremya_watch_lag_seconds",
    "How long the earliest change that is not announced yet is overdue, in shown time",
    multiprocess_mode="livemax",
)
watch_turned_at = Gauge(
    "vovremya_watch_turned_at_seconds", "When the watch last went round, in Unix time", multiprocess_mode="max"
)
restarts = Counter("vovremya_restarts", "Processes that ended unasked and were begun anew", ["process"])
