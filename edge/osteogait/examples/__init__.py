"""The made-up person of the demo."""
