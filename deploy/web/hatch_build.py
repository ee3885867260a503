"""Before a wheel, a source archive or an editable install: third-party files of the screen, and its catalogues."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScreenHook(BuildHookInterface):  # type: ignore[type-arg]
    """Found by hatchling as the only hook of this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Both steps do nothing where everything is there already, as in a source archive."""
        sys.path.insert(0, str(Path(self.root) / "deploy" / "web"))
        try:
            import build_assets
            import catalogues
        finally:
            sys.path.pop(0)
        if build_assets.build():
            self.app.display_info("Fetched the third-party files of the screen")
        catalogues.compile_all()
