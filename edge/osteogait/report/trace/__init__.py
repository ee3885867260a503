"""The plot of one recording: signals, events, values and flags on one page, so that a person can check them."""
