"""What is spoken to the person, as sound: made by espeak-ng where it is installed, kept in the data folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from osteogait.errors import UsageError
from osteogait.screening.battery import test
from osteogait.screening.test_guide import DONE
from osteogait.web.access import Unknown
from osteogait.web.language import LOCALES, translations

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.web.call import Call

PROGRAM = "espeak-ng"
VOICES = {"en": "en-us", "zh": "cmn"}
WORDS_PER_MINUTE = "135"
"""Slow: for old ears."""
LONGEST_S = 10.0


def spoken(call: Call) -> Response:
    """The words as a WAV file; not found where nothing can speak them: the browser then may."""
    from starlette.responses import Response

    lang = call.params["lang"]
    if lang not in LOCALES:
        raise Unknown
    sound = said(
        call.station.folder / "speech", lang, translations(lang).gettext(_words(call.params["words"]))
    )
    if sound is None:
        return Response(status_code=404)
    return Response(sound, media_type="audio/wav", headers={"cache-control": "private, max-age=3600"})


def said(folder: Path, lang: str, text: str) -> bytes | None:
    """`text` spoken in `lang`; None where there is no program that speaks."""
    program = which(PROGRAM)
    if program is None:
        return None
    digest = hashlib.sha256(f"{VOICES[lang]} {WORDS_PER_MINUTE} {text}".encode()).hexdigest()
    path = folder / f"{digest}.wav"
    if not path.exists() and not _make(program, lang, text, path):
        return None
    return path.read_bytes()


def _make(program: str, lang: str, text: str, path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    command = [program, "-v", VOICES[lang], "-s", WORDS_PER_MINUTE, "--stdin", "-w", str(partial)]
    try:
        subprocess.run(command, input=text.encode(), check=True, capture_output=True, timeout=LONGEST_S)
        partial.replace(path)
    except (OSError, subprocess.SubprocessError):
        partial.unlink(missing_ok=True)
        return False
    return True


def _words(name: str) -> str:
    """The sentence to speak: of a test, or that it is done."""
    if name == "done":
        return DONE
    try:
        return test(name).say
    except UsageError:
        raise Unknown from None
