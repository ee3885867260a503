"""Why a recording cannot be used at all.

RecordingError            the input is refused before any science (exit code 3 of the application)
"""

from __future__ import annotations

from collections.abc import Mapping

from gaitsignal.words import sentence


class RecordingError(ValueError):
    """A recording is refused: `code` names the reason, `fields` say what and where.

    Raised by the readers and by `Recording` itself; never for a recording that merely fails a quality gate
    (that one gives `Measures` with `usable` False).
    """

    def __init__(self, code: str, **fields: object) -> None:
        """`fields` fill the sentence of `code` in words.yaml."""
        self.code = code
        self.fields: Mapping[str, object] = fields
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """What is wrong, where, and what to do, in `lang` (`en` or `zh`)."""
        return sentence(self.code, lang, self.fields)
