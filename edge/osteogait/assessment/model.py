"""The fusion model as the app uses it: the active bundle on the first engine that is fit, or the reason why on none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from osteogait.assessment.remarks import Remark
from osteogait.config import configuration, data_folder
from osteogait.errors import ModelError
from osteogait.model.in_use import active_bundle, trusted

if TYPE_CHECKING:
    from osteofusion.bundle import Bundle
    from osteofusion.engines.probe import Verdict
    from osteofusion.predict import Predictor
    from osteofusion.schema import Schema

VERDICTS_FILE = "engine-verdicts.json"
NO_ENGINE = "none"


@dataclass(frozen=True, slots=True)
class Model:
    """A verified bundle; `predictor` is None when no engine reproduced its golden vectors, `refused` says why.

    Without a predictor there is no model number; rules, thresholds and measures do not need one.
    """

    bundle: Bundle
    schema: Schema
    predictor: Predictor | None
    refused: tuple[Verdict, ...]

    @property
    def engine_name(self) -> str:
        """The engine that answers and its version; `none` when none does."""
        return NO_ENGINE if self.predictor is None else self.predictor.engine_name

    @property
    def remarks(self) -> Iterable[Remark]:
        """What has to be said of the engines on every result: one that was refused, or that none is fit.

        That an engine is not installed is no news while another one answers.
        """
        from osteofusion.engines.choice import NOT_INSTALLED

        if self.predictor is None:
            yield Remark("no_engine", "warn", {"reasons": _reasons(self.refused)})
            return
        failures = [verdict for verdict in self.refused if verdict.reason != NOT_INSTALLED]
        if failures:
            yield Remark(
                "engine_passed_over", "warn", {"reasons": _reasons(failures), "engine": self.engine_name}
            )


@cache
def load_model() -> Model:
    """The active bundle on the first engine of the configured order that is fit; ModelError when it is damaged."""
    from osteofusion.bundle import open_bundle
    from osteofusion.errors import BundleError
    from osteofusion.schema import load_schema

    try:
        bundle = open_bundle(active_bundle(), trust=trusted())
        predictor, refused = _first_fit(bundle, configuration().model.engines)
        return Model(bundle, load_schema(bundle.content), predictor, refused)
    except BundleError as error:
        raise ModelError("bundle_damaged", detail=error) from error


def load_predictor() -> Predictor:
    """The predictor of `load_model`; ModelError when no engine is fit."""
    model = load_model()
    if model.predictor is None:
        raise ModelError("no_engine", reasons=_reasons(model.refused))
    return model.predictor


def _reasons(verdicts: Iterable[Verdict]) -> str:
    return "; ".join(f"{verdict.engine}: {verdict.reason}" for verdict in verdicts)


def _first_fit(bundle: Bundle, order: tuple[str, ...]) -> tuple[Predictor | None, tuple[Verdict, ...]]:
    """The first engine of `order` that passes its golden run in a child process and then in this one."""
    from osteofusion.engines.choice import choose
    from osteofusion.engines.probe import failed
    from osteofusion.errors import EngineError
    from osteofusion.predict import Predictor

    found = choose(order, bundle.path, data_folder() / VERDICTS_FILE)
    if found.engine is None:
        return None, found.refused
    try:
        return Predictor.load(bundle, found.engine), found.refused
    except EngineError as error:
        predictor, others = _first_fit(bundle, order[order.index(found.engine) + 1 :])
        return predictor, (*found.refused, failed(found.engine, error.message("en")), *others)
