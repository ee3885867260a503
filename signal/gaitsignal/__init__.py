"""Gait and balance science for one lower-back IMU: arrays in, numbers with units, events and named flags out."""
