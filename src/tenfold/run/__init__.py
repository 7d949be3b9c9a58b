"""Running stages: `worker.py` takes one thread's batches through a program, `answer.py` makes one result of the
workers' parts, `serial.py` and `threads.py` only schedule, `progress.py` tells the user.
"""

from tenfold.later import later

__getattr__ = later(__name__, "array_devices", "array_counts", "devices")
