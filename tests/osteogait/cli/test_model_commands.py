"""`osteogait model`: every command through the real command line, with keys and folders of this test only."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from osteofusion.manifest import MANIFEST_FILE
from osteofusion.schema import default_bundle
from osteofusion.signature import SIGNATURE_FILE
from osteogait.cli_model import model_app
from osteogait.model import in_use

Run = subprocess.CompletedProcess[str]


class Site:
    """A clinic of its own: data folder, folder of trusted keys, a private key in a drawer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.keys, self.private = folder, folder / "keys", folder / "private.pem"
        self.keys.mkdir()
        self.environment = os.environ | {
            "OSTEOGAIT_DATA": str(folder / "data"),
            "OSTEOGAIT_TRUST": str(self.keys),
            "OSTEOGAIT_LANG": "en",
        }

    def run(self, *words: str | Path, **environment: str) -> Run:
        command = [sys.executable, "-m", "osteogait", "model", *map(str, words)]
        return subprocess.run(
            command, env=self.environment | environment, capture_output=True, text=True, check=False
        )

    def trust_own_key(self) -> None:
        made = self.run("new-key", "--out", self.private, "--name", "clinic", "--model", "clinic-model")
        assert made.returncode == 0, made.stderr
        (self.keys / "clinic.yaml").write_text(made.stdout, encoding="utf-8")

    def retrained(self, counter: int) -> Path:
        """What the lab would leave after training elsewhere: another model id, not signed."""
        folder = Path(shutil.copytree(default_bundle(), self.folder / f"retrained-{counter}"))
        metadata = yaml.safe_load((folder / "metadata.yaml").read_text(encoding="utf-8"))
        metadata |= {"id": "clinic-model", "version": f"1.{counter}.0", "counter": counter}
        (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata, allow_unicode=True), encoding="utf-8")
        (folder / MANIFEST_FILE).unlink()
        (folder / SIGNATURE_FILE).unlink()
        return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_retrained_model_from_key_to_rollback(site: Site) -> None:
    site.trust_own_key()
    first, second = site.retrained(3), site.retrained(4)

    refused = site.run("install", first)
    assert (refused.returncode, refused.stdout) == (3, "")
    for folder in (first, second):
        signed = site.run("sign", "--key", site.private, folder)
        assert signed.returncode == 0, signed.stderr
        assert "clinic-model" in signed.stdout

    installed = json.loads(site.run("install", first, "--json").stdout)
    assert installed["changed"]
    assert installed["bundle"]["signed_by"]["name"] == "clinic"
    assert any(engine["passed"] for engine in installed["engines"])
    assert "Engine onnxruntime" in site.run("install", second).stdout

    facts = json.loads(site.run("show", "--json").stdout)
    assert (facts["id"], facts["version"], facts["counter"]) == ("clinic-model", "1.4.0", 4)
    assert facts["before"] == {"version": "1.3.0", "counter": 3}
    assert facts["highest_counter"] == {"clinic-model": 4}
    assert not facts["shipped"]

    assert site.run("install", first).returncode == 3  # older
    again = site.run(
        "sign", "--key", site.private, "--counter", "5", shutil.copytree(first, site.folder / "again")
    )
    assert "counter 5" in again.stdout
    assert json.loads(site.run("rollback", "--json").stdout)["bundle"]["counter"] == 3
    assert site.run("rollback").returncode == 0
    assert json.loads(site.run("show", "--json").stdout)["shipped"]
    nothing = site.run("rollback", "--lang", "zh")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "没有可退回" in nothing.stderr


def test_the_shipped_model_is_shown_with_the_name_of_its_key(site: Site) -> None:
    facts = json.loads(site.run("show", "--json").stdout)
    signer = facts["signed_by"]
    shown, chinese = site.run("show"), site.run("show", "--lang", "zh")
    assert facts["shipped"]
    assert f"{signer['name']} (key {signer['key']}" in shown.stdout
    assert ("development key" in shown.stdout) == (signer["use"] == "development")
    assert ("开发密钥" in chinese.stdout) == (signer["use"] == "development")
    assert set(facts["files"]) == {item.name for item in default_bundle().iterdir()} - {
        MANIFEST_FILE,
        SIGNATURE_FILE,
    }
    assert "onnxruntime" in facts["engines"]


def test_verify_says_who_signed_and_how_each_engine_did(site: Site) -> None:
    run = site.run("verify")
    verdict = json.loads(run.stdout)
    assert run.returncode == 0, verdict
    assert verdict["ok"]
    assert set(verdict["bundle"]) == {"id", "version", "counter", "sha256", "path", "signed_by"}
    assert all(engine["passed"] and not engine["reason"] for engine in verdict["engines"])


def test_verify_of_a_damaged_bundle(site: Site) -> None:
    site.trust_own_key()
    folder = site.retrained(3)
    site.run("sign", "--key", site.private, folder)
    (folder / "golden.json").write_bytes((folder / "golden.json").read_bytes()[:-1] + b" ")
    run = site.run("verify", folder, "--lang", "zh")
    verdict = json.loads(run.stdout)
    assert run.returncode == 1
    assert (verdict["ok"], verdict["error"], verdict["engines"]) == (False, "bundle_file_changed", [])
    assert "golden.json" in verdict["bundle"]
    assert "模型包" in verdict["bundle"]


def test_a_signed_bundle_that_answers_wrongly_is_not_installed(site: Site) -> None:
    site.trust_own_key()
    folder = site.retrained(3)
    golden = json.loads((folder / "golden.json").read_text())
    key = next(key for key in golden["vectors"][0] if key.startswith("logits"))
    for vector in golden["vectors"]:
        vector[key][0] += 1
    (folder / "golden.json").write_text(json.dumps(golden))
    site.run("sign", "--key", site.private, folder)
    run = site.run("install", folder)
    assert run.returncode == 3
    assert "golden vectors" in run.stderr
    assert json.loads(site.run("show", "--json").stdout)["shipped"]


# --- keys --------------------------------------------------------------------------------------------------
def test_a_new_key_is_private_and_its_public_half_is_a_trust_file(site: Site) -> None:
    made = site.run("new-key", "--out", site.private, "--name", "骨科门诊", "--use", "development")
    entry = yaml.safe_load(made.stdout)
    assert stat.S_IMODE(site.private.stat().st_mode) == 0o600
    assert (entry["name"], entry["use"], entry["models"]) == ("骨科门诊", "development", ["osteofusion"])
    inside = site.private.read_text().splitlines()[1]
    assert inside not in made.stdout + made.stderr
    again = site.run("new-key", "--out", site.private, "--name", "x")
    assert again.returncode == 3
    assert site.run("new-key", "--out", site.folder / "k", "--name", "x", "--use", "both").returncode == 2


def test_a_key_that_others_can_read_does_not_sign(site: Site) -> None:
    site.trust_own_key()
    folder = site.retrained(3)
    site.private.chmod(0o644)
    run = site.run("sign", "--key", site.private, folder)
    assert run.returncode == 6
    assert "chmod 600" in run.stderr
    assert site.private.read_text().splitlines()[1] not in run.stdout + run.stderr
    assert not (folder / SIGNATURE_FILE).exists()


@pytest.mark.parametrize("words", [("sign",), ("install",), ("show", "a", "b"), ("sign", "--key")])
def test_words_that_do_not_fit(site: Site, words: tuple[str, ...]) -> None:
    assert site.run(*words).returncode == 2


@pytest.mark.parametrize("command", ["show", "install"])
def test_a_folder_without_a_bundle(site: Site, command: str) -> None:
    run = site.run(command, site.folder / "none", "--lang", "zh")
    assert run.returncode == (3 if command == "install" else 1)
    assert "没有模型包" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_broken_list_of_keys_is_named(site: Site) -> None:
    (site.keys / "clinic.yaml").write_text("nonsense")
    run = site.run("show")
    assert run.returncode == 1
    assert str(site.keys / "clinic.yaml") in run.stderr


# --- which keys and folders hold ---------------------------------------------------------------------------
def test_the_configuration_names_keys_and_bundles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resign: Callable[[Path], None]
) -> None:
    keys = Path(os.environ["OSTEOGAIT_TRUST"])
    monkeypatch.delenv("OSTEOGAIT_TRUST")
    without = set(in_use.trusted().keys)
    (tmp_path / "config.yaml").write_text(
        f"model: {{trusted_keys: {keys}, bundles: {tmp_path / 'models'}}}\n"
    )
    monkeypatch.setenv("OSTEOGAIT_CONFIG", str(tmp_path / "config.yaml"))
    assert set(in_use.trusted().keys) > without
    assert in_use.bundles_folder() == tmp_path / "models"
    assert in_use.active_bundle() == default_bundle()


def test_the_page_on_models_names_every_command_and_no_other(repo: Path) -> None:
    text = (repo / "docs" / "models.md").read_text(encoding="utf-8")
    named = set(re.findall(r"osteogait model ([a-z-]+)", text))
    commands = get_command(model_app)
    assert named == set(commands.commands)  # type: ignore[attr-defined]
    for command in commands.commands.values():  # type: ignore[attr-defined]
        assert command.help
        assert all(getattr(parameter, "help", "") for parameter in command.params)


def test_labels_and_units_are_those_of_the_active_bundle() -> None:
    assert in_use.active_schema().by_id["age"].unit
