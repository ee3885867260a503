"""The places of the live page, and its socket."""

from __future__ import annotations

from starlette.routing import WebSocketRoute

from osteogait.web.live import say
from osteogait.web.live.live_socket import live
from osteogait.web.place import CLINICIANS, GUESTS, STAFF, Place

WATCHERS = STAFF | CLINICIANS | GUESTS
PLACES = (Place("/live/say/{lang}/{words}.wav", say.spoken, WATCHERS, name="live.say", quiet=True),)
SOCKETS = (WebSocketRoute("/live", live, name="live.socket"),)
