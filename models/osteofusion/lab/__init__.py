"""Training and evaluation: survey tables in, model bundle out. Never imported by the app."""

import os

# joblib counts physical cores and warns where it cannot, as in a bare container; one worker needs no count
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
