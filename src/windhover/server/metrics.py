"""What the server says of itself, in the Prometheus text format (prometheus_client)."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from windhover.server.sources import FeedHealth
from windhover.server.watch import Shown

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry per server, so that two in one process do not share figures."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.steps = Histogram(
            "windhover_step_seconds", "Time of one step of the picture, recorded.",
            buckets=BUCKETS, registry=registry,
        )  # fmt: skip
        self.late = Gauge(
            "windhover_tick_late_seconds", "How late the last tick began.", registry=registry
        )
        self.plots = Counter("windhover_detections", "Plots taken in.", registry=registry)
        self.tracks = Gauge("windhover_tracks", "Tracks held.", registry=registry)
        self.entries = Gauge("windhover_journal_entries", "Entries recorded.", registry=registry)
        self.clients = Gauge("windhover_live_clients", "Live connections.", registry=registry)
        self.dropped = Gauge(
            "windhover_live_frames_dropped", "Frames that slow clients missed.", registry=registry
        )
        self.sent = Gauge("windhover_live_bytes_sent", "Bytes of live frames.", registry=registry)
        self.requests = Counter(
            "windhover_requests", "Requests by route and status.",
            ("method", "route", "status"), registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "windhover_request_seconds", "Time to answer, by route.",
            ("route",), buckets=BUCKETS, registry=registry,
        )  # fmt: skip
        self.notices = Counter(
            "windhover_notices", "Notices handed to a channel.", ("delivered",), registry=registry
        )
        self.logins = Counter("windhover_logins", "Attempts.", ("outcome",), registry=registry)
        self.feed_up = Gauge("windhover_feed_up", "1 = up.", ("feed",), registry=registry)
        self.feed_dropped = Gauge(
            "windhover_feed_dropped",
            "Payloads and batches that did not fit.",
            ("feed",),
            registry=registry,
        )
        self.feed_seen = Gauge(
            "windhover_feed_last_seen_seconds", "POSIX time.", ("feed",), registry=registry
        )
        self.cpu = Gauge("windhover_cpu_seconds", "Processor time used.", registry=registry)
        self.memory = Gauge("windhover_memory_peak_bytes", "Most memory held.", registry=registry)
        self.up_since = time.time()

    def stepped(
        self, took_s: float, late_s: float, shown: Shown, feeds: Iterable[FeedHealth]
    ) -> None:
        """A step is over."""
        self.steps.observe(took_s)
        self.late.set(late_s)
        self.plots.inc(shown.detections)
        self.entries.set(shown.head.seq)
        if shown.rows is not None:
            self.tracks.set(shown.rows.n)
        for feed in feeds:
            self.feed_up.labels(feed.name).set(feed.state == "up")
            self.feed_dropped.labels(feed.name).set(feed.dropped)
            self.feed_seen.labels(feed.name).set(feed.last_ns * 1e-9)

    def delivered(self, worked: bool) -> None:
        self.notices.labels(str(worked).lower()).inc()

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        self.cpu.set(used.ru_utime + used.ru_stime)
        self.memory.set(used.ru_maxrss * 1024)
        return generate_latest(self.registry)
