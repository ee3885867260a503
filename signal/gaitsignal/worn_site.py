"""Where the sensor was worn, told from the words of the side file."""

from __future__ import annotations

from gaitsignal.recording import Recording

SITES = {
    "lower_back": ("lower_back", "lowback", "lumbar", "l3", "l4", "l5", "pelvis", "sacrum", "waist"),
    "thigh": ("thigh", "trouser", "trousers", "pocket"),
}


def site_of(recording: Recording) -> str | None:
    """`lower_back` or `thigh`; None when it is worn elsewhere."""
    words = recording.site.lower().replace("-", "_").replace(" ", "_")
    parts = {words, *words.split("_")}
    for site, names in SITES.items():
        if any(name in parts or words.endswith(f"_{name}") for name in names):
            return site
    return None
