"""The fusion model as the app uses it: loaded once, its errors in the app's tree."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from osteogait.errors import ModelError

if TYPE_CHECKING:
    from osteofusion.predict import Predictor


@cache
def load_predictor() -> Predictor:
    """The installed bundle on its engine; ModelError when the bundle is damaged or the engine fails its check."""
    from osteofusion.errors import BundleError, EngineError
    from osteofusion.predict import Predictor

    try:
        return Predictor.load()
    except BundleError as error:
        raise ModelError("bundle_damaged", detail=error.message("en")) from error
    except EngineError as error:
        raise ModelError("no_engine", detail=error.message("en")) from error
