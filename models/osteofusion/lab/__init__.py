"""The training room: survey tables in, model bundle out. Never imported by the product itself."""

import os

# joblib asks the machine for its physical cores and warns where it cannot tell, as in a bare container; one worker needs no answer
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
