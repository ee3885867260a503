"""Inference engines behind one small interface; each must reproduce the golden vectors to be believed."""
