"""Links to sensors: one interface, made by a radio or by a simulation."""
