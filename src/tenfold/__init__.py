"""tenfold: pandas code, as people already write it, compiled for all cores and GPUs of a machine.

`import tenfold.pandas as pd` in place of pandas; `tenfold.config` holds the settings, `tenfold.use("gpu")` moves work.
"""

from tenfold import config
from tenfold.target.device import use

__all__ = ["config", "use"]
__version__ = "0.1.0"
