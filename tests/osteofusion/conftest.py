"""Bundles that a test may damage, and keys that exist for one test only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from osteofusion.bundle import METADATA_SCHEMA, sign, write_manifest
from osteofusion.manifest import MANIFEST_FILE
from osteofusion.schema import default_bundle
from osteofusion.signature import SIGNATURE_FILE, key_id
from osteofusion.trust_list import TrustedKey, TrustList

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Signer:
    """A key of this test: signs folders, and says what a trust list with it looks like."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.name, self.private = name, private
        self.public = private.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    def trust(self, *, revoked: str = "", models: tuple[str, ...] = ("osteofusion",)) -> TrustList:
        key = TrustedKey(self.id, self.name, "development", models, "2026-01-01", self.public, revoked)
        return TrustList({self.id: key})

    def sign(self, folder: Path) -> Path:
        write_manifest(folder)
        sign(folder, self.private)
        return folder


@pytest.fixture
def new_signer() -> Callable[[str], Signer]:
    def make(name: str) -> Signer:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Signer(name, Ed25519PrivateKey.generate())

    return make


@pytest.fixture
def signer(new_signer: Callable[[str], Signer]) -> Signer:
    return new_signer("a site")


@pytest.fixture
def copy(tmp_path: Path, signer: Signer) -> Path:
    """The shipped bundle in a folder that may be damaged, signed with the key of `signer`."""
    return signer.sign(Path(shutil.copytree(default_bundle(), tmp_path / "bundle")))


@pytest.fixture
def release(tmp_path: Path, signer: Signer) -> Callable[..., Path]:
    """A signed bundle with another counter and, where a test wants it, other words; its model files are a few bytes."""

    def make(counter: int, words: str = "", by: Signer = signer) -> Path:
        folder = tmp_path / f"release-{counter}{words}-{by.name}"
        shutil.copytree(default_bundle(), folder)
        for item in folder.iterdir():
            if item.name not in {MANIFEST_FILE, SIGNATURE_FILE}:
                item.write_text(f"{item.name} {counter} {words}", encoding="utf-8")
        lines = (METADATA_SCHEMA, "id: osteofusion", "version: 0.9.0", f"counter: {counter}")
        (folder / "metadata.yaml").write_text("schema: " + "\n".join(lines) + "\n", encoding="utf-8")
        return by.sign(folder)

    return make
