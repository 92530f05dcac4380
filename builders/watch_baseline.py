"""src/windhover/watch/baseline_uk.json.xz from the metadata of a public archive of British notices.

    python builders/watch_baseline.py ARCHIVE.csv.xz

Kept are seven numbers an activation (`windhover.watch.traits.NAMES`), sorted, so that no notice can
be told from its row: no text, no number, no position, no date. The archive: Jonty/uk-notam-archive
(MIT), which is gathered from the public briefing of NATS; 20 June 2022 to 22 August 2026.
"""

from __future__ import annotations

import sys
from pathlib import Path

from windhover.feeds.notices_baseline import rows_of_metadata, write_baseline
from windhover.schema.cases import Words

OUT = Path(__file__).resolve().parents[1] / "src/windhover/watch/baseline_uk.json.xz"

if __name__ == "__main__":
    count = write_baseline(
        OUT,
        Words("the United Kingdom 2022-2026", "el Reino Unido 2022-2026"),
        "GB",
        "numbers computed from Jonty/uk-notam-archive (MIT)",
        rows_of_metadata(Path(sys.argv[1])),
    )
    print(f"{count:,} activations, {OUT.stat().st_size:,} bytes")
