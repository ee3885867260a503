"""The manifest as bytes: its own mirror, one spelling, and an error of ours for everything else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteofusion.bundle import MANIFEST_FILE
from osteofusion.errors import BundleError
from osteofusion.manifest import FileEntry, Manifest
from osteofusion.schema import default_bundle
from osteofusion.signature import Signature

HEX = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}\.(yaml|json|onnx|tflite|npz|md)", fullmatch=True)
ENTRIES = st.builds(FileEntry, HEX, st.integers(0, 2**20))
MANIFESTS = st.builds(
    Manifest,
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True).filter(str.isascii),
    st.from_regex(r"[0-9][0-9A-Za-z.+-]{0,31}", fullmatch=True).filter(str.isascii),
    st.integers(0, 2**31 - 1),
    st.dictionaries(
        NAMES.filter(lambda name: name.isascii() and name != MANIFEST_FILE), ENTRIES, max_size=12
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
SHIPPED = (default_bundle() / MANIFEST_FILE).read_bytes()


@given(MANIFESTS)
def test_a_manifest_is_its_own_mirror(manifest: Manifest) -> None:
    assert Manifest.from_bytes(bytes(manifest)) == manifest


def test_the_shipped_manifest_is_canonical() -> None:
    assert bytes(Manifest.from_bytes(SHIPPED)) == SHIPPED


@given(st.binary(max_size=300))
def test_any_bytes_give_an_error_of_ours(content: bytes) -> None:
    with pytest.raises(BundleError):
        Manifest.from_bytes(content)
    with pytest.raises(BundleError):
        Signature.from_bytes(content)


@given(st.sampled_from(["schema", "id", "version", "counter", "files", "more"]), VALUES)
def test_any_value_of_a_key_is_taken_or_an_error_of_ours(key: str, value: object) -> None:
    content = json.dumps(json.loads(SHIPPED) | {key: value}, sort_keys=True, indent=1).encode() + b"\n"
    with contextlib.suppress(BundleError):
        assert bytes(Manifest.from_bytes(content)) == content


@given(st.sampled_from(["sha256", "size", "more"]), VALUES)
def test_any_value_of_an_entry_is_taken_or_an_error_of_ours(key: str, value: object) -> None:
    fields = json.loads(SHIPPED)
    fields["files"]["golden.json"][key] = value
    content = json.dumps(fields, sort_keys=True, indent=1).encode() + b"\n"
    with contextlib.suppress(BundleError):
        assert bytes(Manifest.from_bytes(content)) == content
