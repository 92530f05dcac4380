from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from windhover.cli import journal as cli
from windhover.errors import BadInput, BrokenRecord, WindhoverError
from windhover.record.export import export, verify_bundle
from windhover.record.signing import load_key
from windhover.record.verify import verify


@pytest.fixture(scope="module")
def bundle(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "record.zip"
    export(night, None, out)
    return out


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "windhover.cli.journal", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_bundle_is_the_record_and_says_so(night: Path, bundle: Path, tmp_path: Path) -> None:
    here, there = verify(night), verify_bundle(bundle)
    assert there.holds and (there.entries, there.head) == (here.entries, here.head)
    assert there.files == here.files - 1  # all but the snapshot, which is no evidence
    assert verify_bundle(bundle, [here.head]).holds
    assert not verify_bundle(bundle, ["f" * 64]).holds
    with zipfile.ZipFile(bundle) as opened:
        assert opened.testzip() is None
        assert opened.read("README.txt").startswith(b"EXERCISE / EJERCICIO\n")
        assert here.head.encode() in opened.read("README.txt")
    again = tmp_path / "again.zip"
    export(night / "journal.sqlite", night / "archive", again)
    assert again.read_bytes() == bundle.read_bytes()


def test_others_can_check_it_with_python_alone(bundle: Path, tmp_path: Path, night: Path) -> None:
    with zipfile.ZipFile(bundle) as opened:
        opened.extractall(tmp_path)
    command = [sys.executable, "-I", "-S", str(tmp_path / "check_bundle.py"), str(tmp_path)]

    def alone(*heads: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *heads], capture_output=True, text=True, check=False)

    found = alone(verify(night).head[:20])
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("EXERCISE / EJERCICIO The record holds")
    assert alone("ab" * 32).returncode == 1
    path = tmp_path / "journal.sqlite"
    path.write_bytes(path.read_bytes().replace(b"TrackConfirmed", b"TrackConfirmee", 1))
    assert "BROKEN" in alone().stderr


@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_flipped_bit_of_any_file_in_it_is_found(bundle: Path, share: float, bit: int) -> None:
    with zipfile.ZipFile(bundle) as opened:
        spans = [
            (info.header_offset + 30 + len(info.filename), info.file_size, info.filename)
            for info in opened.infolist()
        ]
    total = sum(size for _, size, _ in spans)
    at = int(share * total)
    name = ""
    for start, size, name in spans:  # noqa: B007
        if at < size:
            at += start
            break
        at -= size
    was = bundle.read_bytes()
    changed = bytearray(was)
    changed[at] ^= 1 << bit
    try:
        bundle.write_bytes(changed)
        verdict = verify_bundle(bundle)
        assert not verdict.holds, (name, at)
        assert "\n" not in verdict.words
    finally:
        bundle.write_bytes(was)


def test_a_changed_event_in_a_bundle_is_named(bundle: Path, tmp_path: Path, night: Path) -> None:
    changed = tmp_path / "changed.zip"
    changed.write_bytes(bundle.read_bytes().replace(b'"said":"bird"', b'"said":"burd"', 1))
    verdict = verify_bundle(changed)
    assert not verdict.holds and verdict.event and "IdentityChanged" in verdict.words


def test_hostile_bundles_are_refused(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("a.txt", "b")
    for name in ("text.zip", "other.zip"):
        with pytest.raises(BadInput, match="not a Windhover bundle"):
            verify_bundle(tmp_path / name)
    with zipfile.ZipFile(bundle) as opened:
        manifest = msgspec.json.decode(opened.read("manifest.json"))
        files = {name: opened.read(name) for name in manifest["files"]}
    manifest["files"]["../../outside.txt"] = {"bytes": 1, "sha256": "00"}
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as slip:
        slip.writestr("manifest.json", msgspec.json.encode(manifest))
        for name, data in files.items():
            slip.writestr(name, data)
        slip.writestr("../../outside.txt", "x")
    assert not verify_bundle(tmp_path / "slip.zip").holds
    assert not (tmp_path.parent.parent / "outside.txt").exists()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bundle.read_bytes()[:-100])
    assert not verify_bundle(cut).holds


def test_a_broken_record_is_not_exported(night: Path, tmp_path: Path) -> None:
    shutil.copytree(night, tmp_path / "copy")
    next((tmp_path / "copy" / "archive" / "detections").rglob("*.parquet")).write_bytes(b"")
    with pytest.raises(BrokenRecord):
        export(tmp_path / "copy", None, tmp_path / "out.zip")
    with pytest.raises(WindhoverError):
        export(night, None, tmp_path / "missing" / "out.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_the_command_line_says_it_in_one_line(
    night: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: object) -> tuple[int, str, str]:
        code = 0
        try:
            cli.app([str(each) for each in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        except WindhoverError as why:
            return 2, "", str(why)
        out, err = capsys.readouterr()
        return code, out, err

    code, out, _ = call("verify", night)
    assert code == 0 and out.startswith("EXERCISE / EJERCICIO · The record holds: ")
    code, out, _ = call("verify", bundle, "--json")
    told = msgspec.json.decode(out)
    assert code == 0 and next(iter(told)) == "notice" and told["holds"] is True
    code, out, _ = call("verify", night / "journal.sqlite", "--head", "0" * 64)
    assert code == 1 and out.startswith("EXERCISE / EJERCICIO · BROKEN · The head 0000")
    assert call("verify", tmp_path)[0] == 2
    assert call("verify", night / "journal.sqlite.seal")[0] == 2
    code, out, _ = call("show", night, "--from", 2, "--to", 9)
    lines = out.splitlines()
    assert code == 0 and lines[0] == "EXERCISE / EJERCICIO" and len(lines) == 9
    assert "2026-02-11T06:30:00.000Z  event     TrackConfirmed" in lines[1]
    code, out, _ = call("show", night, "--kind", "mark", "--json")
    first = msgspec.json.decode(out.splitlines()[0])
    assert code == 0 and first["type"] == "Archived" and next(iter(first)) == "notice"
    assert call("show", night, "--kind", "rumour")[0] == 2
    code, out, _ = call("export", night, tmp_path / "b.zip")
    assert code == 0 and out.startswith("EXERCISE / EJERCICIO · ") and "Not signed" in out
    assert (tmp_path / "b.zip").read_bytes() == bundle.read_bytes()


def test_it_runs_as_a_module(night: Path, tmp_path: Path) -> None:
    shutil.copytree(night, tmp_path / "copy")
    journal = tmp_path / "copy" / "journal.sqlite"
    journal.write_bytes(journal.read_bytes().replace(b'"said":"bird"', b'"said":"kite"', 1))
    found = run("verify", tmp_path / "copy")
    assert found.returncode == 1 and "IdentityChanged" in found.stdout and not found.stderr
    found = run("verify", tmp_path / "nothing")
    assert found.returncode == 2 and not found.stdout
    assert len(found.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "office.pem"
    told = run("key", path, "--json")
    assert told.returncode == 0, told.stderr
    assert path.stat().st_mode & 0o077 == 0
    assert msgspec.json.decode(told.stdout)["public"] == f"{path}.pub"
    return path


def test_a_signed_bundle_says_who_handed_it_over(night: Path, key: Path, tmp_path: Path) -> None:
    out = tmp_path / "signed.zip"
    assert run("export", night, out, "--key", key).returncode == 0
    found = run("verify", out, "--signer", f"{key}.pub")
    assert found.returncode == 0 and "Signed by the key asked for" in found.stdout
    other = tmp_path / "other.pem"
    run("key", other)
    found = run("verify", out, "--signer", other)
    assert found.returncode == 1 and "signed by another key" in found.stdout
    unsigned = tmp_path / "unsigned.zip"
    run("export", night, unsigned)
    assert run("verify", unsigned, "--signer", key).returncode == 1


def test_others_can_check_the_signature_without_us(
    night: Path, key: Path, tmp_path: Path, program: Callable[[str], str]
) -> None:
    export(night, None, tmp_path / "signed.zip", load_key(key))
    with zipfile.ZipFile(tmp_path / "signed.zip") as opened:
        opened.extractall(tmp_path)
        assert b"openssl pkeyutl" in opened.read("README.txt")
    command = (
        "pkeyutl -verify -pubin -inkey signer.pem -rawin -in manifest.json -sigfile manifest.sig"
    )
    checked = subprocess.run(
        [program("openssl"), *command.split()], cwd=tmp_path, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "signer.pem"])
def test_a_signature_that_does_not_fit_is_found(
    night: Path, key: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "signed.zip"
    export(night, None, out, load_key(key))
    with zipfile.ZipFile(out) as opened:
        info = opened.getinfo(name)
    changed = bytearray(out.read_bytes())
    changed[info.header_offset + 30 + len(name) + info.file_size // 2] ^= 1
    out.write_bytes(changed)
    assert not verify_bundle(out).holds


def test_a_key_is_never_written_over_and_must_be_one(key: Path, tmp_path: Path) -> None:
    assert run("key", key).returncode == 2
    (tmp_path / "no.pem").write_text(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    )
    for bad in (tmp_path / "no.pem", tmp_path / "none.pem"):
        with pytest.raises(WindhoverError):
            load_key(bad)
