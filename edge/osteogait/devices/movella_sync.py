"""Movella DOT: messages of the synchronisation service, with their checksum.

`message id u8 | length u8 | data | checksum u8`; all bytes together sum to 0 modulo 256. Written to 7001; the
acknowledgement is read from 7002, results are notified on 7003, both padded with zero bytes.

=============  =========  ====================================================================
direction      data       meaning
=============  =========  ====================================================================
write          01 + root  start; address of the root sensor, last byte first
write          02         stop
write          08         status?
read           03 result  started: 0 ok, 5 too few samples, 7 skew, 8 start time, 9 not started
notify         50 result  stopped
notify         51 state   4 synchronised, 9 not
=============  =========  ====================================================================

Source: Xsens DOT BLE Services Specifications XD0506P, revision F; two of its printed examples break the rule of the
checksum and are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from osteogait.devices.movella_dot import MODEL
from osteogait.devices.reason import reason
from osteogait.errors import DecodeError

SYNCHRONISATION = 2
START, STOP, STATUS = 0x01, 0x02, 0x08
STARTED, STOPPED, STATE = 0x03, 0x50, 0x51
STATES = {4: True, 9: False}
ADDRESS_SIZE = 6
_ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Message:
    """A message; the checksum is made and checked here."""

    message_id: int
    data: bytes

    @classmethod
    def from_bytes(cls, packet: bytes) -> Message:
        """The message in `packet`, zero padding allowed; DecodeError for a wrong length or checksum."""
        if len(packet) < 3 or len(packet) < packet[1] + 3:
            raise DecodeError(MODEL, packet, reason("shorter_said"))
        end = packet[1] + 3
        if any(packet[end:]):
            raise DecodeError(MODEL, packet, reason("padding"))
        if sum(packet[:end]) % 256:
            raise DecodeError(MODEL, packet, reason("checksum"))
        return cls(packet[0], packet[2 : end - 1])

    def __bytes__(self) -> bytes:
        """The message without padding."""
        head = bytes([self.message_id, len(self.data)]) + self.data
        return head + bytes([-sum(head) % 256])


def start_message(root: str) -> Message:
    """StartSync for the root with that address (`D4:CA:6E:F1:69:3D`); ValueError for no address."""
    if not _ADDRESS.fullmatch(root):
        raise ValueError(reason("root_address", root=repr(root)))
    address = bytes.fromhex(root.replace(":", ""))
    return Message(SYNCHRONISATION, bytes([START]) + address[::-1])


def result(packet: bytes) -> tuple[int, int]:
    """Kind (`STARTED`, `STOPPED` or `STATE`) and value of a result; DecodeError for another message."""
    message = Message.from_bytes(packet)
    if message.message_id != SYNCHRONISATION or len(message.data) != 2:
        raise DecodeError(MODEL, packet, reason("no_sync_result"))
    kind, value = message.data
    if kind not in (STARTED, STOPPED, STATE) or (kind == STATE and value not in STATES):
        raise DecodeError(MODEL, packet, reason("sync_result", kind=f"{kind:#04x}", value=f"{value:#04x}"))
    return kind, value
