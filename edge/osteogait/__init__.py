"""osteogait: the bone-health station (radio, disk, people, screen, network)."""
