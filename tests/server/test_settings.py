"""windhover.toml: what is misspelt, out of range or unsafe is refused in one line that helps."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.server.conftest import house_in
from windhover.detections.sapient import STRICT
from windhover.errors import BadInput
from windhover.feeds.hub import Hub
from windhover.feeds.of_site import feeds_of
from windhover.feeds.sapient import SapientServer
from windhover.feeds.settings import FeedSettings
from windhover.schema.place import Vertical
from windhover.server import settings
from windhover.server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
NODES = "[[feed]]\nname='n'\nform='sapient'\ntransport='listen'\naddress='127.0.0.1:1'\nsensor=''\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 80", "there is no setting 'server.prot'. Did you mean 'server.port'?"),
        ("[sever]\nport = 80", "there is no setting 'sever'. Did you mean 'server'?"),
        ("[[feed]]\nnmae = 'a'", "there is no setting 'feed.nmae'. Did you mean 'feed.name'?"),
        ("[server]\nport = 'x'", "server.port: Expected `int`, got `str`."),
        ("[server]\nport = 99999", "server.port: Expected `int` <= 65535."),
        ("[access]\npassword_length_min = 6", "access.password_length_min: Expected `int` >= 12."),
        ("[server]\nhost = '0.0.0.0'", "would be reached from outside without TLS"),
        ("[server]\ntls_key = 'k.pem'", "belong together"),
        ("[console]\ntile_origins = ['http://a.example']", "is no https origin"),
        ('[console]\ntile_origins = ["https://a.example; script-src *"]', "is no https origin"),
        ('[console]\ntiles = "https://a.example/tiles"', "is no https address with {z}"),
        ('[console]\ntiles = "http://a.example/{z}/{x}/{y}.png"', "is no https address with {z}"),
        ("[[output]]\nkind='file'\nfodler='x'", "'output.fodler'. Did you mean 'output.folder'?"),
        ("[[output]]\nkind='flie'\nname='x'", "Invalid value"),
        (NODES + "[feed.tolerances]\npast_s = -1", "feed[0].tolerances.past_s"),
        (NODES + "[feed.tolerances]\npats_s = 1", "pats_s"),
        ("[server\n", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, words: str) -> None:
    with pytest.raises(BadInput) as why:
        settings.parse(text)
    assert words in str(why.value)
    assert "\n" not in str(why.value)


@pytest.mark.parametrize(
    "text",
    [
        "[server]\nhost = '0.0.0.0'\ntrusted_proxies = ['10.0.0.1']",
        "[server]\nhost = '::'\ntls_certificate = 'c.pem'\ntls_key = 'k.pem'",
        "[server]\nhost = '::1'",
        "[server]\nhost = 'localhost'",
        "",
    ],
)
def test_it_listens_outside_only_behind_tls_or_a_trusted_proxy(text: str) -> None:
    assert settings.parse(text).server.port == 8410


def test_paths_are_taken_from_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "windhover.toml").write_text("site = 'here'\n[record]\nfolder = 'kept'\n")
    found = settings.load(tmp_path / "windhover.toml")
    assert found.site == str(tmp_path / "here")
    assert found.record.folder == str(tmp_path / "kept")


def test_a_sites_own_tolerances_reach_its_sapient_node() -> None:
    text = (ROOT / "docs/sapient.md").read_text().split("```toml\n")
    example = next(one for one in text if "[feed.tolerances]" in one).split("```")[0]
    (feed,) = settings.parse(example).feed
    assert feed.tolerances == msgspec.structs.replace(STRICT, past_s=5.0, future_s=1.0)
    (made,) = feeds_of((feed,), (), Vertical(), Hub())
    assert isinstance(made, SapientServer)
    assert made.registry.settings.tolerances == feed.tolerances
    hub = Hub()
    both = msgspec.structs.replace(feed, strict=True)
    assert feeds_of((both,), (), Vertical(), hub) == ()
    assert hub.health["nodes"].words.startswith("off: it states tolerances of its own")


def test_the_files_of_outputs_lie_beside_the_settings(tmp_path: Path) -> None:
    trial = "kind='courageous'\nname='log'\npurpose='trial'\npath='trial.json'\nvendor_name='V'"
    tak = "kind='cot'\nname='tak'\npurpose='shared picture'\nhost='tak.example'\nport=8089"
    tls = "[output.tls]\nauthority='ca.pem'\ncertificate='own.pem'"
    text = f"[[output]]\n{trial}\n[[output]]\n{tak}\n{tls}\n"
    (tmp_path / "windhover.toml").write_text(text)
    log, cot = settings.load(tmp_path / "windhover.toml").output
    assert getattr(log, "path") == str(tmp_path / "trial.json")  # noqa: B009  # one of a union
    found = getattr(cot, "tls")  # noqa: B009
    assert (found.authority, found.certificate) == (
        str(tmp_path / "ca.pem"),
        str(tmp_path / "own.pem"),
    )
    assert found.key == ""


def test_every_setting_stands_in_the_administrators_page() -> None:
    page = (ROOT / "docs" / "administrator.md").read_text()
    missing = []
    for table in msgspec.structs.fields(Settings):
        if table.name == "output":
            part = page.partition("### `[[output]]`")[2].partition("##")[0]
            for inner in settings.OUTPUTS.values():
                fields = [field.name for field in msgspec.structs.fields(inner)]
                missing += [f for f in fields if f"| `{f}` |" not in part]
            continue
        if table.name == "feed":
            inner, name = FeedSettings, "[[feed]]"
        elif isinstance(table.type, type) and issubclass(table.type, msgspec.Struct):
            inner, name = table.type, f"[{table.name}]"
        else:
            missing += [table.name] if f"| `{table.name}` |" not in page else []
            continue
        part = page.partition(f"### `{name}`")[2].partition("###")[0]
        missing += [
            f"{name} {field.name}"
            for field in msgspec.structs.fields(inner)
            if f"| `{field.name}` |" not in part
        ]
    assert not missing


def test_a_sites_own_tiles_reach_the_page_and_its_policy(tmp_path: Path) -> None:
    tiles = "https://maps.example/base/{z}/{x}/{y}.png"
    with house_in(tmp_path, console={"tiles": tiles}) as house:
        answer = house.client.get("/api/session", headers=house.token("viewer"))
        assert answer.json()["tiles"] == tiles
        policy = answer.headers["content-security-policy"]
        for part in ("img-src", "connect-src"):
            said = next(one for one in policy.split("; ") if one.startswith(part))
            assert said.endswith(" https://maps.example")
