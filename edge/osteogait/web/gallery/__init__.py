"""Every part of the screen on one page, for whoever designs or checks it."""
