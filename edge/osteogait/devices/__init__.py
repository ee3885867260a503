"""Pure decoders: bytes of a sensor to samples and back. No clock, no radio."""
