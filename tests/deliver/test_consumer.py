"""Nothing leaves without a stated purpose, and the journal holds it before anything leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.deliver.scene import NOW_NS, frame, free_port, thing
from windhover.deliver.asterix import AsterixOutput, AsterixSettings
from windhover.deliver.consumer import ConsumerEnded, ConsumerStated, ended, stated
from windhover.deliver.cot import CotOutput, CotSettings
from windhover.deliver.courageous import CourageousOutput, CourageousSettings
from windhover.deliver.files import FileOutput, FileSettings
from windhover.deliver.stream import StreamOutput, StreamSettings
from windhover.errors import BadSite
from windhover.record.journal import Journal, Meta
from windhover.record.recorder import Recorder


@pytest.mark.parametrize("purpose", ["", "  \n ", "--", "1.", "a"])
def test_every_output_refuses_to_be_set_up_without_a_purpose(purpose: str, tmp_path: Path) -> None:
    port = free_port()
    setups: list[Any] = [
        lambda: CotOutput(CotSettings("x", purpose, "127.0.0.1", port)),
        lambda: AsterixOutput(AsterixSettings("x", purpose, "127.0.0.1", port, 1, 1)),
        lambda: FileOutput(FileSettings("x", purpose, str(tmp_path), "geojson")),
        lambda: StreamOutput(StreamSettings("x", purpose, port)),
        lambda: CourageousOutput(CourageousSettings("x", purpose, str(tmp_path / "l.json"), "v")),
    ]
    for set_up in setups:
        with pytest.raises(BadSite, match="states no purpose"):
            set_up()


def test_the_journal_holds_who_gets_what_and_what_for() -> None:
    output = AsterixOutput(
        AsterixSettings("acc", "  Shown as a\n test layer. ", "127.0.0.1", free_port(), 1, 1)
    )
    mark = stated(output.health, output.address, "duty.engineer", NOW_NS)
    assert mark.purpose == "Shown as a test layer."
    output.send(frame(thing(1)))
    with Recorder(Journal.in_memory(Meta(mode="exercise"))) as recorder:
        recorder.mark(NOW_NS, mark)
        recorder.mark(NOW_NS + 1, ended(output.health, "duty.engineer", NOW_NS + 1))
        recorder.flush()
        first, last = (e for e in recorder.journal.read() if e.type.startswith("Consumer"))
    output.close()
    read = msgspec.json.decode(first.body, type=ConsumerStated)
    assert (read.name, read.kind, read.by) == ("acc", "asterix", "duty.engineer")
    assert read.address.startswith("udp://127.0.0.1:")
    assert msgspec.json.decode(last.body, type=ConsumerEnded).sent == 1
    assert first.kind == "mark"
