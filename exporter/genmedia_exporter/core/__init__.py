"""Words and facts that everything else is built on: statuses, reasons, evidence, clocks, secrets."""
