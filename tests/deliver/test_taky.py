"""Against taky, a TAK server that somebody else wrote: TCP, TLS with client certificates, a lost server."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deliver.scene import each_kind, frame, free_port, many, thing, until
from windhover.deliver.cot import CotOutput, CotSettings
from windhover.deliver.line import TlsSettings, shut
from windhover.detections.cot_event import CotEvent, split
from windhover.errors import BadSite

PURPOSE = "Shows the watch's tracks to the airport's fire service."


def settings(port: int, **more: object) -> CotSettings:
    plain: dict[str, object] = {"every_s": 0.0, "stale_s": 60.0, "sensors_every_s": 30.0}
    return CotSettings("taky", PURPOSE, "127.0.0.1", port, **(plain | more))  # type: ignore[arg-type]


@contextmanager
def taky(path: str, folder: Path, port: int, tls: str = "") -> Iterator[subprocess.Popen[bytes]]:
    config = folder / "taky.conf"
    config.write_text(
        f"[taky]\nhostname=test.example\nnode_id=TEST\nbind_ip=127.0.0.1\nroot_dir={folder}\n"
        f"[cot_server]\nport={port}\n{tls or '[ssl]'}\n{'' if tls else 'enabled=false'}\n"
    )
    with (folder / "taky.log").open("ab") as log:
        server = subprocess.Popen([path, "-c", str(config)], stdout=log, stderr=log)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(10)


async def up(port: int) -> None:
    async def tried() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        await shut(writer)
        return True

    async with asyncio.timeout(20):
        while not await tried():
            await asyncio.sleep(0.05)


class Receiver:
    """Another client of the server: what does a colleague's screen get?"""

    def __init__(self) -> None:
        self.events: list[CotEvent] = []
        self.counted: Counter[str] = Counter()

    async def run(self, port: int, context: ssl.SSLContext | None = None) -> None:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="test.example" if context else None
        )
        rest = b""
        try:
            while payload := await reader.read(1 << 16):
                found, rest = split(rest + payload, self.counted)
                self.events += found
        finally:
            await shut(writer)


def now() -> int:
    return time.time_ns()


def fresh(n: int, exercise: bool = False, **fields: object) -> object:
    at = now()
    return frame(
        *many(n, time_ns=at, hit_ns=at, born_ns=at - 10**10, **fields),
        exercise=exercise,
        now_ns=at,
    )


def test_two_thousand_events_of_every_type_and_none_lost(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    port = free_port()

    async def main() -> None:
        await up(port)
        receiver = Receiver()
        output = CotOutput(settings(port, operators=True))
        tasks = [asyncio.create_task(receiver.run(port)), asyncio.create_task(output.run())]
        await until(lambda: output.health.state == "up")
        await asyncio.sleep(0.2)  # until the server has taken the receiver as well
        for _ in range(5):
            output.send(fresh(400, exercise=True))  # type: ignore[arg-type]
            assert await output.line.emptied(20)  # type: ignore[union-attr]
        told = output.health.sent
        assert told >= 2000 + 2
        await until(lambda: len(receiver.events) >= told, 30)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(receiver.events) == told
        assert output.health.dropped == {}
        assert not receiver.counted
        atoms = [e for e in receiver.events if ".T" in e.uid and "operator" not in e.uid]
        assert len(atoms) == 2000
        assert len({e.uid for e in atoms}) == 400
        # The seven types of the field, and what friends, birds and silent aircraft add to them.
        assert {e.type for e in receiver.events} >= {
            "a-u-A-M-H-Q", "a-u-A-M-F-Q", "a-n-A-C-F", "a-u-A-C-L", "a-u-G", "a-f-G-E-S-E", "a-u-A",
        }  # fmt: skip
        # taky drops opex: what it passes on must still say that it is an exercise.
        assert all(e.callsign.startswith("EXERCISE / EJERCICIO") for e in receiver.events)
        assert all(e.remarks.startswith("EXERCISE / EJERCICIO") for e in receiver.events)

    with taky(program("taky"), tmp_path, port):
        asyncio.run(main())


def test_a_server_that_dies_is_waited_for_and_nothing_is_lost(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    port = free_port()
    path = program("taky")

    async def main() -> None:
        output = CotOutput(settings(port, sensors_every_s=0.0), back_off_s=(0.05,))
        task = asyncio.create_task(output.run())
        with taky(path, tmp_path, port):
            await up(port)
            await until(lambda: output.health.state == "up")
            output.send(fresh(50))  # type: ignore[arg-type]
            assert await output.line.emptied(10)  # type: ignore[union-attr]
        await until(lambda: output.health.state != "up")
        assert "again in" in output.health.words
        at = now()
        output.send(frame(*(thing(i, "balloon") for i in range(100, 200)), now_ns=at))
        assert output.health.queued >= 100
        with taky(path, tmp_path, port):
            await up(port)
            await until(lambda: output.health.connections >= 2 and output.health.queued == 0)
            late = Receiver()
            listening = asyncio.create_task(late.run(port))
            # Who comes later gets what the server keeps: every object that we told of.
            await until(lambda: len({e.uid for e in late.events}) >= 100)
            listening.cancel()
        task.cancel()
        await asyncio.gather(task, listening, return_exceptions=True)
        wanted = {f"windhover.el-paso.T{i}" for i in range(100, 200)}
        assert wanted <= {e.uid for e in late.events}
        assert output.health.dropped == {}
        assert output.health.state == "off"

    asyncio.run(main())


def certificates(folder: Path) -> Path:
    """An authority, a server and a client; and a stranger whom nobody vouches for."""
    begin, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def write(who: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey) -> None:  # fmt: skip
        builder = (
            x509.CertificateBuilder().subject_name(name(who)).issuer_name(name(issuer))
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(begin).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=who == issuer, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(who)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        )  # fmt: skip
        made = builder.sign(signer, hashes.SHA256())
        (folder / f"{who}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / f"{who}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(b"kestrel")
                if who == "windhover"
                else serialization.NoEncryption(),
            )
        )

    keys = {who: ec.generate_private_key(ec.SECP256R1()) for who in ("ca", "test.example", "windhover", "stranger")}  # fmt: skip
    for who, key in keys.items():
        issuer = who if who in ("ca", "stranger") else "ca"
        write(who, issuer, key, keys[issuer])
    return folder


def test_tls_with_client_certificates(program: Callable[[str], str], tmp_path: Path) -> None:
    port = free_port()
    folder = certificates(tmp_path)
    (folder / "db.txt").touch()
    (folder / "secret").write_text("kestrel\n")
    ours = TlsSettings(
        str(folder / "ca.pem"),
        str(folder / "windhover.pem"),
        str(folder / "windhover.key"),
        str(folder / "secret"),
        server_name="test.example",
    )
    stranger = TlsSettings(
        str(folder / "ca.pem"),
        str(folder / "stranger.pem"),
        str(folder / "stranger.key"),
        server_name="test.example",
    )
    wrong_name = TlsSettings(ours.authority, ours.certificate, ours.key, ours.password_file)
    tls = (
        f"[ssl]\nenabled=true\nclient_cert_required=true\nca={folder}/ca.pem\nca_key={folder}/ca.key\n"
        f"cert={folder}/test.example.pem\nkey={folder}/test.example.key\ncert_db={folder}/db.txt\n"
    )

    async def main() -> None:
        await up(port)
        context = ssl.create_default_context(cafile=ours.authority)
        context.load_cert_chain(ours.certificate, ours.key, "kestrel")
        receiver = Receiver()
        good = CotOutput(settings(port, tls=ours))
        # TLS 1.3 tells a client of its refusal only after the handshake: it is up for a moment.
        bad = CotOutput(settings(port, tls=stranger), back_off_s=(0.2,))
        misled = CotOutput(settings(port, tls=wrong_name), back_off_s=(0.2,))
        tasks = [asyncio.create_task(receiver.run(port, context))]
        await asyncio.sleep(0.3)
        tasks += [asyncio.create_task(o.run()) for o in (good, bad, misled)]
        await until(lambda: good.health.state == "up")
        good.send(fresh(20))  # type: ignore[arg-type]
        await until(lambda: len(receiver.events) >= 22, 20)
        await until(lambda: bad.health.last_error and misled.health.last_error)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert "certificate" in misled.health.last_error.lower()
        assert misled.health.connections == 0
        assert good.address == f"tls://127.0.0.1:{port}"

    with taky(program("taky"), tmp_path, port, tls):
        asyncio.run(main())


def test_certificates_that_are_not_there_are_named() -> None:
    with pytest.raises(BadSite, match="no certificate file /nowhere"):
        CotOutput(settings(1, tls=TlsSettings("/nowhere/ca.pem")))


def test_certificates_that_do_not_fit_are_refused_at_once(tmp_path: Path) -> None:
    folder = certificates(tmp_path)
    mixed = TlsSettings(
        str(folder / "ca.pem"), str(folder / "windhover.pem"), str(folder / "stranger.key")
    )
    with pytest.raises(BadSite, match="cannot be used"):
        CotOutput(settings(1, tls=mixed))
    (folder / "wrong").write_text("merlin")
    locked = TlsSettings(
        str(folder / "ca.pem"),
        str(folder / "windhover.pem"),
        str(folder / "windhover.key"),
        str(folder / "wrong"),
    )
    with pytest.raises(BadSite, match="cannot be used"):
        CotOutput(settings(1, tls=locked))
    with pytest.raises(BadSite, match="cannot be used"):  # and nobody is asked at the keyboard
        CotOutput(settings(1, tls=TlsSettings(*msgspec.structs.astuple(locked)[:3])))


def test_every_kind_is_in_the_scene() -> None:
    assert len({t.said for t in each_kind()}) == 6
