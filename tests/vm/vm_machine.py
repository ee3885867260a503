"""The emulated machine: a Debian kernel in QEMU that sees this computer's files and runs one command among them.

All emulation is in software (nested acceleration is not assumed), so it runs wherever QEMU does, and slowly.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from vm_packages import CannotRun

HERE = Path(__file__).resolve().parent
MODULES = (
    "virtio_pci", "9pnet_virtio", "9p", "virtio_rng", "af_alg", "algif_hash", "algif_skcipher", "ecb", "cmac",
    "bluetooth", "hci_vhci",
)  # fmt: skip
"""In order; without the algif ones bluetoothd says "No Bluetooth address for index 0"."""
MEMORY_MB = 1536


def kernel_version(root: Path) -> str:
    """The version of the unpacked kernel."""
    versions = sorted(path.name for path in (root / "lib/modules").iterdir())
    if not versions:
        raise CannotRun("the kernel package brought no modules")
    return versions[-1]


def initramfs(root: Path, folder: Path, repo: Path, command: list[str]) -> Path:
    """The archive the kernel starts from: busybox, the modules, `init`, and what to run."""
    tree = folder / "initramfs"
    shutil.rmtree(tree, ignore_errors=True)
    for made in ("bin", "modules"):
        (tree / made).mkdir(parents=True)
    shutil.copy(root / "bin/busybox", tree / "bin/busybox")
    shutil.copy(HERE / "init", tree / "init")
    (tree / "init").chmod(0o755)
    settings = {"REPO": repo, "PYTHON_HOME": sys.base_prefix, "COMMAND": shlex.join(command)}
    lines = [f"{key}={shlex.quote(str(value))}\n" for key, value in settings.items()]
    (tree / "settings").write_text("".join(lines), encoding="utf-8")
    paths = _module_files(root)
    for path in paths:
        shutil.copy(path, tree / "modules")
    (tree / "modules/order").write_text("".join(f"{path.name}\n" for path in paths), encoding="utf-8")
    archive = folder / "initramfs.cpio"
    listed = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    with archive.open("wb") as out:
        subprocess.run(
            [root / "bin/busybox", "cpio", "-o", "-H", "newc"], cwd=tree, input=listed.encode(), stdout=out,
            stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    return archive


def _module_files(root: Path) -> list[Path]:
    """The modules and what they need, in the order of loading."""
    version = kernel_version(root)
    _kmod(root, "depmod", "-b", root, version)
    found: dict[Path, None] = {}
    for module in MODULES:
        shown = _kmod(root, "modprobe", "-d", root, "-S", version, "--show-depends", module)
        lines = [line.split() for line in shown.splitlines()]
        found.update({Path(line[1]): None for line in lines if line[0] == "insmod"})
    return list(found)


def _kmod(root: Path, name: str, *arguments: object) -> str:
    """One of the programs that kmod is, by the name it is called by."""
    return subprocess.run(
        [name, *map(str, arguments)], executable=root / "bin/kmod", env=environment(root), stdout=subprocess.PIPE,
        text=True, check=True,
    ).stdout  # fmt: skip


def environment(root: Path) -> dict[str, str]:
    """For the unpacked programs: where their libraries are."""
    folders = (root / "usr/lib/x86_64-linux-gnu", root / "lib/x86_64-linux-gnu")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, folders))}


def run(root: Path, folder: Path, repo: Path, command: list[str], seconds: float) -> Path:
    """Boot, run `command` in `repo`, end; the folder with `console`, `kernel` and what the command left there.

    The command finds that folder as /run/out, the only place outside memory that it can write to.
    """
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    shares = {"host": Path("/"), "repo": repo, "python": Path(sys.base_prefix)}
    qemu = [
        *_machine(root), "-initrd", initramfs(root, folder, repo, command), "-serial", f"file:{out}/kernel",
        *_share("out", out, ""),
        *(word for tag, path in shares.items() for word in _share(tag, path, ",readonly=on")),
    ]  # fmt: skip
    try:
        subprocess.run(
            list(map(str, qemu)), env=environment(root), timeout=seconds, check=True, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        (out / "late").write_text(f"not done after {seconds:.0f} s", encoding="utf-8")
    return out


def _machine(root: Path) -> list[object]:
    """QEMU without a screen, a network and a disk."""
    return [
        root / "usr/bin/qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2",
        "-m", f"{MEMORY_MB}", "-L", root / "usr/share/qemu", "-L", root / "usr/share/seabios",
        "-kernel", root / "boot" / f"vmlinuz-{kernel_version(root)}",
        "-append", "console=ttyS0 panic=-1 quiet mitigations=off", "-no-reboot",
        "-display", "none", "-monitor", "none", "-nic", "none", "-device", "virtio-rng-pci",
    ]  # fmt: skip


def _share(tag: str, path: Path, suffix: str) -> list[str]:
    """A folder of this computer inside the machine."""
    return ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{suffix}"]
