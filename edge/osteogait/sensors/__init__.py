"""The sensor commands behind the command line: which sensors are meant, one trial run, and what people are told."""
