"""One target under atheris, in atheris' own environment (see `soak`); or one input, without it.

python -m tests.fuzz.one NAME RUNS FOLDER   fuzz, keeping what reaches new code in FOLDER
python -m tests.fuzz.one NAME FILE          run one input
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    name, arguments = sys.argv[1], sys.argv[2:]
    if len(arguments) == 1:
        from tests.fuzz.targets import targets

        targets()[name].run(Path(arguments[0]).read_bytes())
        return
    import atheris  # type: ignore[import-not-found]  # lives in an environment of its own

    with atheris.instrument_imports(include=["windhover.detections", "windhover.feeds"]):
        from tests.fuzz.targets import corpus, targets
    target = targets()[name]
    folder = Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate((*target.seeds, *corpus(name))):
        (folder / f"seed-{i:04}").write_bytes(seed)
    # Some messages in a row reach what a hundred do, for a twentieth of the time.
    longest = min(4096, max(512, 4 * max(map(len, target.seeds))))
    options = [
        sys.argv[0],
        f"-runs={arguments[0]}",
        f"-max_len={longest}",
        "-timeout=10",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
        "-verbosity=1",
        f"-artifact_prefix={folder}-",
        *arguments[2:],
        str(folder),
    ]
    atheris.Setup(options, target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
