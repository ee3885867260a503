"""Inference engines behind one small interface; each must reproduce the golden vectors before it may answer."""
