"""tenfold: pandas code, as people already write it, compiled for all cores and GPUs of a machine.

`import tenfold.pandas as pd` in place of pandas; `tenfold.config` holds the settings, `tenfold.use("gpu")` moves work,
`tenfold.compute(x, y)` computes what several results share once.
"""

from tenfold import config
from tenfold.target.device import use
from tenfold.together import compute

__all__ = ["compute", "config", "use"]
__version__ = "0.1.0"
