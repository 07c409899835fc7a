"""`python -m genmedia_exporter` is `genmedia-exporter`."""

import gc
import sys

from genmedia_exporter.daemon import descriptors, early_signals


def main() -> int:
    """Run the command line; return the exit code.

    Importing all of it takes a while. A hangup in that time is a reload, and no end.
    """
    descriptors.fill_standard()
    early_signals.keep()
    gc.disable()  # modules are no garbage, and to look for it takes a tenth of a start
    from genmedia_exporter.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
