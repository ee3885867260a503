"""Only those are strangers whom nobody agreed for, named, sent or saw elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from osteogait.storage.consents import Consents
from osteogait.storage.identities import Identities
from osteogait.storage.identity import Identity
from osteogait.storage.moment import now
from osteogait.storage.slips import Slips
from osteogait.storage.store import Store
from osteogait.storage.strangers import walked_away

KIOSK, HOUR_S = "kiosk", 3600.0


@pytest.fixture
def stranger(opened: Store, somebody: str) -> str:
    opened.add_visit(somebody, started=now() - timedelta(seconds=HOUR_S), by=KIOSK)
    return somebody


def _found(store: Store, after_s: float = HOUR_S / 2) -> tuple[str, ...]:
    return walked_away(store, KIOSK, after_s=after_s, limit=10)


def test_a_stranger_is_found_once_they_are_gone(opened: Store, stranger: str) -> None:
    assert _found(opened) == (stranger,)
    assert _found(opened, after_s=2 * HOUR_S) == ()
    assert walked_away(opened, "another kiosk", after_s=1.0, limit=10) == ()


@pytest.mark.parametrize("known_by", ["consent", "name", "slip", "staff", "now"])
def test_whoever_is_known_is_no_stranger(opened: Store, stranger: str, known_by: str) -> None:
    if known_by == "consent":
        Consents(opened).give(stranger, "test", lang="en", signer="self", by=KIOSK)
        Consents(opened).withdraw(stranger, "test", KIOSK)
    elif known_by == "name":
        Identities(opened, opened.path.with_name("identity.key")).put(stranger, Identity("王秀兰"))
    elif known_by == "slip":
        Slips(opened).make(stranger, "mei")
    else:
        opened.add_visit(stranger, by="mei" if known_by == "staff" else KIOSK)
    assert _found(opened) == ()
