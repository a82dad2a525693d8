import importlib.util
import sys
from pathlib import Path

# Test folders are no packages, so the tests' own builders get a name by hand.
if "metrics_lives" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "metrics_lives", Path(__file__).with_name("lives.py")
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["metrics_lives"] = module
    spec.loader.exec_module(module)
