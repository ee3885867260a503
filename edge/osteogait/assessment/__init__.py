"""The main flow: recordings and clinic values to measures, inputs, prediction and report data."""
