"""The app on the screen: rooms for entrance, therapist, kiosk and clinician; one table of places, one guard."""
