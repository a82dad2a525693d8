"""`python -m tests.faults`, as `make faults` calls it; everything is chosen by the environment."""

import logging
import os
import sys
from pathlib import Path

from tests.faults.campaign import Order, campaign, planted, replay

# that servers go away is what is wanted here
logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)

if os.environ.get("REPLAY"):
    fine = replay(Path(os.environ["REPLAY"]))
elif os.environ.get("PLANTED"):
    fine = planted(os.environ["PLANTED"], Order.of(os.environ))
else:
    fine = campaign(Order.of(os.environ))
sys.exit(0 if fine else 1)
