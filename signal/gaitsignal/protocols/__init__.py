"""One clinical test a file, each with `run(recording) -> Measures`."""
