"""A station whose data cannot be used says so and ends; it never offers itself as a new one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from osteogait.cli_station import _check_certificate
from osteogait.errors import ConfigError
from osteogait.storage import migrate
from osteogait.storage.usable import known_versions


def _served(folder: Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "osteogait",
        "serve",
        "--port",
        "0",
        "--data",
        str(folder),
        "--lang",
        lang,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _database(folder: Path, script: str) -> Path:
    path = folder / "osteogait.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return path


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "osteogait.sqlite"
    path.write_bytes(bytes(range(256)) * 40)
    done = _served(tmp_path)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert path.read_bytes() == bytes(range(256)) * 40
    assert "127.0.0.1" not in done.stderr


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('9999')",
            "newer",
        ),
        ("CREATE TABLE another (program TEXT)", "a database of something else"),
    ],
)
def test_a_database_of_somebody_else(tmp_path: Path, script: str, said: str) -> None:
    path = _database(tmp_path, script)
    before = path.read_bytes()
    done = _served(tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = _served(tmp_path / "file", lang="zh")
    assert done.returncode == 1
    assert "无法" in done.stderr
    assert done.stdout == ""


def test_looking_at_the_data_loads_no_database_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from osteogait.storage.usable import check_usable;"
        "check_usable(Path(sys.argv[1]) / 'osteogait.sqlite');"
        "print([name for name in ('sqlalchemy', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert (tmp_path / "osteogait.sqlite").stat().st_mode & 0o777 == 0o600


def _self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of this machine for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(names, names, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def test_a_certificate_that_cannot_serve_is_named(tmp_path: Path) -> None:
    (certificate, key), (_, other) = _self_signed(tmp_path, "ours"), _self_signed(tmp_path, "theirs")
    _check_certificate(None, None)
    _check_certificate(certificate, key)
    for pair, code in (
        ((certificate, None), "station_certificate_alone"),
        ((None, key), "station_certificate_alone"),
        ((certificate, other), "station_certificate"),
        ((key, key), "station_certificate"),
        ((tmp_path / "none.pem", key), "file_unreadable"),
    ):
        with pytest.raises(ConfigError) as refused:
            _check_certificate(*pair)
        assert refused.value.code == code


def test_the_start_knows_the_versions_that_the_migrations_know() -> None:
    scripts = migrate.ScriptDirectory(str(migrate.MIGRATIONS)).walk_revisions()
    assert known_versions() == tuple(sorted(script.revision for script in scripts))
