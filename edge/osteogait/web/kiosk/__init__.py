"""The kiosk: somebody screens themselves, one thing a page, and leaves nothing behind on the screen."""
