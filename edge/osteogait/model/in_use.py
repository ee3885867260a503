"""Which model bundle the app uses and whose signatures it takes, as the configuration says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.config import SITE_KEYS, configuration

if TYPE_CHECKING:
    from osteofusion.schema import Schema
    from osteofusion.trust_list import TrustList


def bundles_folder() -> Path:
    """Where installed bundles lie."""
    return configuration().model.bundles_folder


def trusted() -> TrustList:
    """The keys of the package, and of the site: the folder that `OSTEOGAIT_TRUST` names, else the configured one.

    TrustError when a key file is not understood, or when a folder that somebody named does not exist.
    """
    from osteofusion.trust_list import SITE_FOLDER, load_trust

    named = os.environ.get(SITE_FOLDER)
    folder = Path(named) if named else configuration().model.trusted_keys
    nobody_named_it = not named and folder == SITE_KEYS
    return load_trust(None if nobody_named_it and not folder.exists() else folder)


def active_bundle() -> Path:
    """Folder of the bundle in use: the installed one, or the one that ships with the package; InstallError."""
    from osteofusion.install import active

    return active(bundles_folder())


def active_schema() -> Schema:
    """The features of the bundle in use, for labels and units."""
    from osteofusion.schema import load_schema

    return load_schema(active_bundle())
