"""`python -m tenfold`: the same as the `tenfold` command."""

import sys

from tenfold import cli

if __name__ == "__main__":
    sys.exit(cli.main())
