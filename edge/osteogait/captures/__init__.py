"""Packets captured in the field, as JSON lines: bytes in, SI values out, and commands back to bytes."""
