"""What happened when: the rhythm of the steps, contacts, sides, bouts and turns."""
