"""Whose signatures count: the keys of the package, those that a site adds, and those that anybody revokes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from osteofusion.bundle import open_bundle
from osteofusion.errors import SignatureError, TrustError
from osteofusion.private_key import public_entry
from osteofusion.schema import default_bundle
from osteofusion.signature import key_id
from osteofusion.trust_list import default_trust, load_trust, shipped_folder

if TYPE_CHECKING:
    from conftest import Signer


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    return folder


def entry(signer: Signer, **change: object) -> str:
    fields = yaml.safe_load(public_entry(signer.private, signer.name, "release", "osteofusion", "2026-05-01"))
    return str(yaml.safe_dump(fields | change, allow_unicode=True))


def code_of(site: Path) -> str:
    with pytest.raises(TrustError) as caught:
        load_trust(site)
    assert re.search("[\u4e00-\u9fff]", caught.value.message("zh"))
    return caught.value.code


def test_the_shipped_keys_are_public_halves_with_a_name_and_a_use() -> None:
    keys = load_trust().keys
    assert keys
    for number, key in keys.items():
        assert number == key.id == key_id(key.public)
        assert key.use in {"development", "release"}
        assert key.name
        assert key.models == ("osteofusion",)


def test_a_site_adds_a_key(site: Path, signer: Signer) -> None:
    (site / "clinic.yaml").write_text(entry(signer, name="骨科门诊"), encoding="utf-8")
    trust = load_trust(site)
    assert set(trust.keys) == {*load_trust().keys, signer.id}
    assert trust.key(signer.id).name == "骨科门诊"
    assert trust.key(signer.id).since == "2026-05-01"


def test_the_environment_names_the_folder_of_the_site(
    site: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "clinic.yaml").write_text(entry(signer))
    monkeypatch.setenv("OSTEOGAIT_TRUST", str(site))
    assert signer.id in default_trust().keys
    monkeypatch.delenv("OSTEOGAIT_TRUST")
    assert signer.id not in default_trust().keys


def test_a_site_revokes_a_shipped_key(site: Path) -> None:
    bundle = open_bundle(default_bundle(), trust=load_trust())
    assert bundle.signed_by is not None
    fields = {
        "schema": "osteofusion.trusted-key/1",
        "id": bundle.signed_by.id,
        "revoked": "leaked 2026-06-01",
    }
    (site / "gone.yaml").write_text(yaml.safe_dump(fields))
    with pytest.raises(SignatureError) as caught:
        open_bundle(default_bundle(), trust=load_trust(site))
    assert caught.value.code == "key_revoked"
    assert "leaked 2026-06-01" in str(caught.value)
    assert bundle.signed_by.name in str(caught.value)


def test_rotation(
    site: Path, copy: Path, new_signer: Callable[[str], Signer], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_signer("2025"), new_signer("2026")
    (site / "2025.yaml").write_text(entry(old))
    (site / "2026.yaml").write_text(entry(new))
    monkeypatch.setenv("OSTEOGAIT_TRUST", str(site))
    for key in (old, new):  # while both count, bundles of both are taken
        key.sign(copy)
        assert getattr(open_bundle(copy).signed_by, "id", "") == key.id
    (site / "2025.yaml").write_text(entry(old, revoked="replaced by 2026"))
    open_bundle(copy)
    old.sign(copy)
    with pytest.raises(SignatureError) as caught:
        open_bundle(copy)
    assert caught.value.code == "key_revoked"


def test_a_revocation_holds_wherever_it_stands(site: Path, signer: Signer) -> None:
    (site / "z-key.yaml").write_text(entry(signer))
    gone = {"schema": "osteofusion.trusted-key/1", "id": signer.id, "revoked": "lost"}
    (site / "a-gone.yaml").write_text(yaml.safe_dump(gone))
    with pytest.raises(SignatureError):
        load_trust(site).key(signer.id)


def test_a_key_that_was_never_listed_can_be_revoked_before_it_comes(site: Path, signer: Signer) -> None:
    gone = {"schema": "osteofusion.trusted-key/1", "id": signer.id, "revoked": "leaked"}
    (site / "gone.yaml").write_text(yaml.safe_dump(gone))
    with pytest.raises(SignatureError) as caught:
        load_trust(site).key(signer.id)
    assert caught.value.code == "key_revoked"


def test_a_key_stands_once(site: Path, signer: Signer) -> None:
    (site / "one.yaml").write_text(entry(signer))
    (site / "two.yaml").write_text(entry(signer, models=["everything"]))
    assert code_of(site) == "trust_key_twice"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "osteofusion.trusted-key/2"}, {"use": "both"}, {"public_key": "00"}, {"public_key": 7},
        {"public_key": "zz" * 32}, {"models": []}, {"models": "osteofusion"}, {"models": ["../x"]}, {"models": [7]},
        {"since": "May"}, {"name": ""}, {"name": "two\nlines"}, {"name": 7}, {"revoked": ""}, {"revoked": None},
        {"revoked": True}, {"until": "2027"},
    ],
)  # fmt: skip
def test_an_entry_that_is_not_understood_stops_everything(
    site: Path, signer: Signer, change: dict[str, object]
) -> None:
    (site / "key.yaml").write_text(entry(signer, **change))
    assert code_of(site) == "trust_not_understood"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "a: [", "- x", "schema: osteofusion.trusted-key/1\nid: 'x'\nrevoked: gone\n", "x" * 5000,
     "schema: osteofusion.trusted-key/1\nid: 1234567890123456\nrevoked: gone\n",
     "schema: osteofusion.trusted-key/1\nrevoked: gone\n"],
)  # fmt: skip
def test_a_file_that_is_no_entry_stops_everything(site: Path, text: str) -> None:
    (site / "key.yaml").write_text(text)
    assert code_of(site) == "trust_not_understood"


@pytest.mark.parametrize("name", ["gone.yml", "gone.yaml.txt", "README.md"])
def test_a_file_that_would_be_overlooked_is_named(site: Path, name: str) -> None:
    (site / name).write_text("schema: osteofusion.trusted-key/1\n")
    assert code_of(site) == "trust_file_name"


def test_a_list_that_everybody_may_write_proves_nothing(site: Path, signer: Signer) -> None:
    (site / "key.yaml").write_text(entry(signer))
    (site / "key.yaml").chmod(0o666)
    assert code_of(site) == "trust_writable"
    (site / "key.yaml").chmod(0o644)
    load_trust(site)
    site.chmod(0o777)
    assert code_of(site) == "trust_writable"


def test_a_folder_that_was_named_must_exist(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none") == "trust_folder_missing"


def test_no_private_key_is_in_the_repository(repo: Path) -> None:
    beginning = "MC4CAQAwBQYDK2Vw" + "BCIEI"  # how every private Ed25519 key in PKCS 8 begins
    folders = ("edge", "models", "signal", "tests", "docs", "deploy", "requirements")
    paths = [path for folder in folders for path in (repo / folder).rglob("*") if path.is_file()]
    assert not [path for path in paths if path.suffix in {".pem", ".key", ".p8", ".der"}]
    texts = [path for path in paths if path.suffix != ".pyc" and beginning.encode() in path.read_bytes()]
    assert not texts
    assert {path.suffix for path in shipped_folder().iterdir()} == {".yaml"}
