"""The bundle: every byte is what a trusted key signed, or nothing of it is read."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from osteofusion import compiled
from osteofusion.bundle import (
    METADATA_FILE,
    Bundle,
    open_bundle,
    read_draft,
    set_counter,
    sign,
    write_manifest,
)
from osteofusion.errors import BundleError, SignatureError
from osteofusion.heads import OUTCOMES
from osteofusion.manifest import BUNDLE_BYTES, MANIFEST_FILE, MANIFEST_SCHEMA
from osteofusion.schema import default_bundle
from osteofusion.signature import SIGNATURE_BYTES, SIGNATURE_FILE, sign_bytes

if TYPE_CHECKING:
    from conftest import Signer

FILES = sorted(json.loads((default_bundle() / MANIFEST_FILE).read_text())["files"])
POSITIONS = 300  # bytes tried in each file that is not tried whole


def code_of(folder: Path, signer: Signer) -> str:
    with pytest.raises(BundleError) as caught:
        open_bundle(folder, trust=signer.trust())
    assert re.search("[\u4e00-\u9fff]", caught.value.message("zh"))
    return caught.value.code


def rewrite(folder: Path, signer: Signer, change: Callable[[dict[str, Any]], None], **how: Any) -> None:
    """Another manifest, signed as it then is, as a key holder of bad will or bad luck would."""
    manifest = json.loads((folder / MANIFEST_FILE).read_text())
    change(manifest)
    text = json.dumps(manifest, **({"sort_keys": True, "indent": 1} | how)) + "\n"
    (folder / MANIFEST_FILE).write_text(text)
    (folder / SIGNATURE_FILE).write_bytes(bytes(sign_bytes(text.encode(), signer.private)))


def with_metadata(folder: Path, signer: Signer, old: str, new: str) -> None:
    text = (folder / METADATA_FILE).read_text(encoding="utf-8")
    assert old in text
    content = text.replace(old, new, 1).encode()
    (folder / METADATA_FILE).write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    rewrite(folder, signer, lambda manifest: manifest["files"].update({METADATA_FILE: entry}))


def test_the_shipped_bundle_is_whole_and_signed_by_a_shipped_key() -> None:
    bundle = open_bundle(default_bundle())
    assert len(bundle.sha256) == 64
    assert set(bundle.metadata["data_tier"]) == set(OUTCOMES)
    assert bundle.signed_by is not None
    assert bundle.signed_by.use in {"development", "release"}
    assert bundle.counter >= 1


def test_the_bytes_that_were_hashed_are_at_hand(copy: Path, signer: Signer) -> None:
    bundle = open_bundle(copy, trust=signer.trust())
    assert set(bundle.content) == set(FILES)
    assert all((copy / name).read_bytes() == content for name, content in bundle.content.items())


@pytest.mark.parametrize("mask", [0x01, 0x20, 0xFF])
@pytest.mark.parametrize("name", [MANIFEST_FILE, SIGNATURE_FILE])
def test_every_byte_of_manifest_and_signature_counts(
    copy: Path, signer: Signer, name: str, mask: int
) -> None:
    content = (copy / name).read_bytes()
    codes = set()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= mask
        (copy / name).write_bytes(damaged)
        codes.add(code_of(copy, signer))
    wrong = {"signature_wrong"}
    assert codes <= (wrong if name == MANIFEST_FILE else wrong | {"signature_not_understood", "key_unknown"})
    (copy / name).write_bytes(content)
    open_bundle(copy, trust=signer.trust())


@pytest.mark.parametrize("name", FILES)
def test_a_sample_of_every_file_counts(copy: Path, signer: Signer, name: str) -> None:
    size = (copy / name).stat().st_size
    with (copy / name).open("r+b") as file:
        for position in {*range(0, size, max(1, size // POSITIONS)), size - 1}:
            (before,) = os.pread(file.fileno(), 1, position)
            os.pwrite(file.fileno(), bytes([before ^ (1 << position % 8)]), position)
            assert code_of(copy, signer) == "bundle_file_changed"
            os.pwrite(file.fileno(), bytes([before]), position)
    open_bundle(copy, trust=signer.trust())


@pytest.mark.parametrize("name", [*FILES, MANIFEST_FILE, SIGNATURE_FILE])
def test_missing_truncated_and_longer_files(copy: Path, signer: Signer, name: str) -> None:
    content = (copy / name).read_bytes()
    manifest, signature = name == MANIFEST_FILE, name == SIGNATURE_FILE
    (copy / name).unlink()
    assert code_of(copy, signer) == ("bundle_unsigned" if signature else "bundle_file_missing")
    for cut in (b"", content[:-1], content[: len(content) // 2]):
        (copy / name).write_bytes(cut)
        expected = "signature_wrong" if manifest else "bundle_file_size"
        assert code_of(copy, signer) == ("signature_not_understood" if signature else expected)
    (copy / name).write_bytes(content + b"\n")
    assert code_of(copy, signer) == ("signature_wrong" if manifest else "bundle_file_size")


def test_two_files_that_changed_places_are_refused(copy: Path, signer: Signer) -> None:
    one, other = (copy / "golden.json").read_bytes(), (copy / "features.yaml").read_bytes()
    (copy / "golden.json").write_bytes(other)
    (copy / "features.yaml").write_bytes(one)
    assert code_of(copy, signer) == "bundle_file_size"
    same = bytes(len(one))
    (copy / "golden.json").write_bytes(same)
    (copy / "features.yaml").write_bytes(other)
    assert code_of(copy, signer) == "bundle_file_changed"


def test_a_file_of_another_signed_release_is_refused(
    copy: Path, signer: Signer, release: Callable[..., Path]
) -> None:
    shutil.copy(release(7) / MANIFEST_FILE, copy)
    assert code_of(copy, signer) == "signature_wrong"
    shutil.copy(release(8) / SIGNATURE_FILE, copy)
    assert code_of(copy, signer) == "signature_wrong"


@pytest.mark.parametrize("name", ["extra.bin", ".hidden", "evil.py", "features.yaml~", "extra"])
def test_an_extra_file_is_refused(copy: Path, signer: Signer, name: str) -> None:
    (copy / name).write_bytes(b"x")
    assert code_of(copy, signer) == "bundle_file_extra"


def test_an_extra_folder_is_refused(copy: Path, signer: Signer) -> None:
    (copy / "sub").mkdir()
    assert code_of(copy, signer) == "bundle_file_extra"


@pytest.mark.parametrize("name", ["imputer.npz", MANIFEST_FILE, SIGNATURE_FILE])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_is_no_plain_file_is_refused(
    copy: Path, signer: Signer, tmp_path: Path, name: str, kind: str
) -> None:
    (copy / name).rename(tmp_path / "elsewhere")
    if kind == "link":
        (copy / name).symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        (copy / name).mkdir()
    else:
        os.mkfifo(copy / name)
    assert code_of(copy, signer) == "bundle_file_kind"


def test_a_folder_without_a_bundle_is_named(tmp_path: Path, signer: Signer) -> None:
    assert code_of(tmp_path / "none", signer) == "bundle_folder"
    assert code_of(tmp_path, signer) == "bundle_file_missing"
    (tmp_path / "file").write_text("x")
    assert code_of(tmp_path / "file", signer) == "bundle_folder"


# --- who signed ---------------------------------------------------------------------------------------------
def test_an_unsigned_bundle_is_refused_but_can_be_read_as_a_draft(copy: Path, signer: Signer) -> None:
    (copy / SIGNATURE_FILE).unlink()
    assert code_of(copy, signer) == "bundle_unsigned"
    assert read_draft(copy).signed_by is None


def test_a_foreign_key_is_refused_by_its_name(
    copy: Path, signer: Signer, new_signer: Callable[[str], Signer]
) -> None:
    stranger = new_signer("stranger")
    stranger.sign(copy)
    with pytest.raises(SignatureError) as caught:
        open_bundle(copy, trust=signer.trust())
    assert caught.value.code == "key_unknown"
    assert stranger.id in caught.value.message("en")


def test_a_foreign_signature_under_a_trusted_name_is_refused(
    copy: Path, signer: Signer, new_signer: Callable[[str], Signer]
) -> None:
    forged = bytes(sign_bytes((copy / MANIFEST_FILE).read_bytes(), new_signer("stranger").private))
    (copy / SIGNATURE_FILE).write_bytes(forged[:24] + signer.id.encode() + forged[40:])
    assert code_of(copy, signer) == "signature_wrong"


def test_a_revoked_key_is_refused_with_the_reason(copy: Path, signer: Signer) -> None:
    with pytest.raises(SignatureError) as caught:
        open_bundle(copy, trust=signer.trust(revoked="laptop stolen"))
    assert caught.value.code == "key_revoked"
    assert "laptop stolen" in caught.value.message("zh")


def test_a_key_signs_only_the_models_it_is_listed_for(copy: Path, signer: Signer) -> None:
    with pytest.raises(SignatureError) as caught:
        open_bundle(copy, trust=signer.trust(models=("another",)))
    assert caught.value.code == "key_not_for_model"


def test_nothing_is_parsed_before_the_signature_holds(
    copy: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / MANIFEST_FILE).write_text("[" * 20_000)

    def reached(*_: object) -> None:
        raise AssertionError("a parser was reached")

    monkeypatch.setattr(json, "loads", reached)
    monkeypatch.setattr(compiled, "read_yaml", reached)
    assert code_of(copy, signer) == "signature_wrong"


def test_a_bomb_in_an_archive_is_not_opened(
    copy: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(copy / "imputer.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mean.npy", bytes(20_000_000))
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the archive was opened"))
    assert code_of(copy, signer) == "bundle_file_size"


# --- manifests that a key holder should not have signed -----------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["../features.yaml", "/etc/passwd", "a/b.yaml", ".hidden.yaml", "x.py", "x.pkl", "x.yaml\n", "漏.yaml",
     "..", "", "-rf.md", "a\\b.md", "x" * 80 + ".md", "nul\0.md", MANIFEST_FILE],
)  # fmt: skip
def test_names_that_are_paths_or_code_are_refused(copy: Path, signer: Signer, name: str) -> None:
    entry = {"sha256": "0" * 64, "size": 1}
    rewrite(copy, signer, lambda manifest: manifest["files"].update({name: entry}))
    assert code_of(copy, signer) == "bundle_file_name"


def test_a_gigabyte_is_refused_before_it_is_read(copy: Path, signer: Signer) -> None:
    rewrite(copy, signer, lambda manifest: manifest["files"]["golden.json"].update(size=10**9))
    assert code_of(copy, signer) == "bundle_too_large"
    rewrite(copy, signer, lambda manifest: manifest["files"]["golden.json"].update(size=160_274))
    with (copy / "golden.json").open("r+b") as file:
        file.truncate(10**9)  # takes no space: a hole
    assert code_of(copy, signer) == "bundle_file_size"


def test_a_manifest_of_many_megabytes_is_refused_before_it_is_read(copy: Path, signer: Signer) -> None:
    with (copy / MANIFEST_FILE).open("r+b") as file:
        file.truncate(BUNDLE_BYTES)
    assert code_of(copy, signer) == "bundle_file_size"


@pytest.mark.parametrize("schema", ["osteofusion.manifest/1", "osteofusion.manifest/9", None, 2])
def test_another_manifest_schema_is_refused(copy: Path, signer: Signer, schema: object) -> None:
    rewrite(copy, signer, lambda manifest: manifest.update(schema=schema))
    assert code_of(copy, signer) == "bundle_schema"


@pytest.mark.parametrize(
    "change",
    [
        {"counter": -1}, {"counter": True}, {"counter": 1.0}, {"counter": "1"}, {"counter": 2**31}, {"id": "No"},
        {"id": 7}, {"version": ""}, {"version": "1 0"}, {"files": []}, {"files": {"a.md": {"sha256": "0" * 64}}},
        {"files": {"a.md": {"sha256": "x", "size": 1}}}, {"files": {"a.md": {"sha256": "0" * 64, "size": -1}}},
        {"files": {"a.md": {"sha256": "0" * 64, "size": 1, "mode": 7}}}, {"files": {"a.md": "0"}}, {"extra": 1},
    ],
)  # fmt: skip
def test_an_impossible_entry_is_refused(copy: Path, signer: Signer, change: dict[str, Any]) -> None:
    rewrite(copy, signer, lambda manifest: manifest.update(change))
    assert code_of(copy, signer) == "bundle_not_understood"


@pytest.mark.parametrize(
    "text", ["[]", "{", "[" * 30_000, '{"schema": 1, "schema": 2}', "\x00", "NaN", "1" * 5000]
)
def test_a_signed_manifest_that_is_none(copy: Path, signer: Signer, text: str) -> None:
    (copy / MANIFEST_FILE).write_text(text)
    (copy / SIGNATURE_FILE).write_bytes(bytes(sign_bytes(text.encode(), signer.private)))
    assert code_of(copy, signer) in {"bundle_not_understood", "bundle_schema"}


@pytest.mark.parametrize("how", [{"indent": 2}, {"sort_keys": False}, {"separators": (",", ":")}])
def test_a_manifest_has_one_spelling(copy: Path, signer: Signer, how: dict[str, Any]) -> None:
    def reordered(manifest: dict[str, Any]) -> None:
        items = dict(reversed(manifest.items()))
        manifest.clear()
        manifest.update(items)

    rewrite(copy, signer, reordered, **how)
    assert code_of(copy, signer) == "bundle_not_understood"


def test_a_key_that_stands_twice_is_refused(copy: Path, signer: Signer) -> None:
    text = (copy / MANIFEST_FILE).read_text().replace('"counter"', '"counter": 0,\n "counter"')
    (copy / MANIFEST_FILE).write_text(text)
    (copy / SIGNATURE_FILE).write_bytes(bytes(sign_bytes(text.encode(), signer.private)))
    assert code_of(copy, signer) == "bundle_not_understood"


# --- metadata -----------------------------------------------------------------------------------------------
def test_another_metadata_schema_is_refused(copy: Path, signer: Signer) -> None:
    with_metadata(copy, signer, "osteofusion.metadata/2", "osteofusion.metadata/1")
    assert code_of(copy, signer) == "bundle_schema"


@pytest.mark.parametrize("field", ["id", "version", "counter"])
def test_metadata_and_manifest_name_the_same_model(copy: Path, signer: Signer, field: str) -> None:
    value = {"id": "other", "version": "9.9.9", "counter": 99}[field]
    rewrite(copy, signer, lambda manifest: manifest.update({field: value}))
    with pytest.raises(BundleError) as caught:
        open_bundle(copy, trust=signer.trust(models=("osteofusion", "other")))
    assert caught.value.code == "bundle_identity"


def test_a_bundle_without_metadata_is_refused(copy: Path, signer: Signer) -> None:
    (copy / METADATA_FILE).unlink()
    rewrite(copy, signer, lambda manifest: manifest["files"].pop(METADATA_FILE))
    assert code_of(copy, signer) == "bundle_file_missing"


def test_a_bundle_for_a_later_app_is_refused(copy: Path, signer: Signer) -> None:
    with_metadata(copy, signer, "id: osteofusion\n", "id: osteofusion\nmin_app_version: 99.0.0\n")
    assert code_of(copy, signer) == "bundle_needs_newer_app"


@pytest.mark.parametrize(
    ("wanted", "code"), [("0.0.1", ""), ("0.1.0", ""), ("soon", "bundle_not_understood")]
)
def test_the_wanted_version_is_compared_as_numbers(
    copy: Path, signer: Signer, wanted: str, code: str
) -> None:
    with_metadata(copy, signer, "id: osteofusion\n", f"id: osteofusion\nmin_app_version: {wanted}\n")
    if code:
        assert code_of(copy, signer) == code
    else:
        assert open_bundle(copy, trust=signer.trust()).metadata["min_app_version"] == wanted


# --- writing ------------------------------------------------------------------------------------------------
def test_writing_the_manifest_again_changes_nothing(copy: Path) -> None:
    before = {item.name: item.read_bytes() for item in copy.iterdir()}
    write_manifest(copy)
    assert {item.name: item.read_bytes() for item in copy.iterdir()} == before
    assert json.loads(before[MANIFEST_FILE])["schema"] == MANIFEST_SCHEMA
    assert len(before[SIGNATURE_FILE]) == SIGNATURE_BYTES


def test_a_changed_file_takes_the_signature_away(copy: Path, signer: Signer) -> None:
    (copy / "MODEL_CARD.md").write_text("changed")
    write_manifest(copy)
    assert code_of(copy, signer) == "bundle_unsigned"


def test_another_counter_is_one_line_of_the_metadata(copy: Path, signer: Signer) -> None:
    before = (copy / METADATA_FILE).read_text(encoding="utf-8").splitlines()
    set_counter(copy, 41)
    after = (copy / METADATA_FILE).read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ["counter: 41"]
    assert len(after) == len(before)
    signer.sign(copy)
    assert open_bundle(copy, trust=signer.trust()).counter == 41


@pytest.mark.parametrize("lines", ["", "counter: 1\ncounter: 2\n", "  counter: 1\n"])
def test_a_counter_that_is_not_one_line_is_not_changed(copy: Path, lines: str) -> None:
    (copy / METADATA_FILE).write_text(f"schema: osteofusion.metadata/2\n{lines}")
    with pytest.raises(BundleError) as caught:
        set_counter(copy, 41)
    assert caught.value.code == "bundle_not_understood"


def test_what_does_not_fit_its_manifest_is_not_signed(copy: Path, signer: Signer) -> None:
    (copy / "MODEL_CARD.md").write_text("changed")
    with pytest.raises(BundleError) as caught:
        sign(copy, signer.private)
    assert caught.value.code == "bundle_file_size"


def test_version_and_counter_are_those_of_the_metadata(copy: Path) -> None:
    with pytest.raises(BundleError) as caught:
        write_manifest(copy, version="9.9.9")
    assert caught.value.code == "bundle_identity"
    held = read_draft(copy)
    assert write_manifest(copy, version=held.version, counter=held.counter) == held.manifest


def test_a_file_that_no_bundle_may_hold_is_not_put_into_a_manifest(copy: Path) -> None:
    (copy / "weights.pkl").write_bytes(b"x")
    with pytest.raises(BundleError) as caught:
        write_manifest(copy)
    assert caught.value.code == "bundle_file_name"


def test_same_bundle_same_key_same_bytes(copy: Path, signer: Signer) -> None:
    first = (copy / SIGNATURE_FILE).read_bytes()
    (copy / SIGNATURE_FILE).unlink()
    signer.sign(copy)
    assert (copy / SIGNATURE_FILE).read_bytes() == first


def test_a_bundle_retrained_elsewhere_needs_no_code_change(
    copy: Path, new_signer: Callable[[str], Signer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osteofusion.private_key import public_entry

    site = new_signer("clinic")
    with_metadata(copy, site, "id: osteofusion\n", "id: osteofusion-clinic\n")
    write_manifest(copy)
    sign(copy, site.private)
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "clinic.yaml").write_text(
        public_entry(site.private, "clinic", "release", "osteofusion-clinic", "2026-05-01")
    )
    monkeypatch.setenv("OSTEOGAIT_TRUST", str(keys))
    opened: Bundle = open_bundle(copy)
    assert opened.id == "osteofusion-clinic"
    assert opened.signed_by is not None
    assert (opened.signed_by.name, opened.signed_by.use) == ("clinic", "release")
    open_bundle(default_bundle())


def test_the_card_says_what_is_real_in_both_languages() -> None:
    card = (default_bundle() / "MODEL_CARD.md").read_text(encoding="utf-8")
    for words in (
        "simulated outcomes",
        "high risk of bias",
        "结局为模拟",
        "不是医疗器械",
        "not a medical device",
    ):
        assert words.lower() in card.lower()
    assert "0.936" not in card
