"""Frames between the checker and a box: a nonce, two lengths, a JSON header, raw array bytes.

The box is not trusted: the checker's side reads with caps on every length, never waits for more than
it was promised, and never unpickles. A frame that is not exactly right is a `WireError`.
"""

from __future__ import annotations

import json
import struct
from typing import Any

NONCE_BYTES = 16
HEADER_CAP = 1 << 20

# Exit statuses of a box that say something.
SETUP_EXIT, SESSION_EXIT, OUT_OF_MEMORY_EXIT = 71, 72, 77
PRINTED_TOO_MUCH = b"printed too much\n"  # at the head of a trace
_dumps = json.dumps  # bound early: in a box, learner code may replace the module's
_LENGTHS = struct.Struct("<IQ")
PREFIX_BYTES = NONCE_BYTES + _LENGTHS.size


class WireError(Exception):
    """What arrived is not a frame of this conversation."""


class TooLarge(Exception):
    """A header over the cap: not sent."""


def frame(nonce: bytes, header: dict[str, Any], payload: list[bytes]) -> bytes:
    """One message as bytes; raises TooLarge."""
    text = _dumps(header, separators=(",", ":")).encode()
    if len(text) > HEADER_CAP:
        raise TooLarge
    return b"".join((nonce, _LENGTHS.pack(len(text), sum(map(len, payload))), text, *payload))


class FrameReader:
    """Puts one frame together from pieces as they arrive."""

    def __init__(self, nonce: bytes, payload_cap: int) -> None:
        self._nonce = nonce
        self._payload_cap = payload_cap
        self._received = bytearray()
        self._sizes: tuple[int, int] | None = None

    def feed(self, piece: bytes) -> tuple[dict[str, Any], bytearray] | None:
        """The frame (header, payload) when `piece` completes it, else None.

        Raises WireError on a wrong nonce, a length over its cap, a header that is not a JSON object,
        or bytes after the end.
        """
        self._received += piece
        if self._sizes is None:
            if len(self._received) < PREFIX_BYTES:
                return None
            if self._received[:NONCE_BYTES] != self._nonce:
                raise WireError("the reply does not start with this conversation's nonce")
            header, payload = _LENGTHS.unpack_from(self._received, NONCE_BYTES)
            if header > HEADER_CAP:
                raise WireError(f"the reply's header claims {header} bytes; at most {HEADER_CAP} are read")
            if payload > self._payload_cap:
                raise WireError(
                    f"the reply claims {payload} bytes of arrays; at most {self._payload_cap} are read"
                )
            self._sizes = header, payload
        header_end = PREFIX_BYTES + self._sizes[0]
        missing = header_end + self._sizes[1] - len(self._received)
        if missing > 0:
            return None
        if missing < 0:
            raise WireError(f"{-missing} bytes came after the end of the reply")
        return self._header(self._received[PREFIX_BYTES:header_end]), self._received[header_end:]

    @staticmethod
    def _header(text: bytearray) -> dict[str, Any]:
        try:
            header = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WireError(f"the reply's header is not JSON: {type(error).__name__}") from None
        if not isinstance(header, dict):
            raise WireError("the reply's header is not a JSON object")
        return header
