"""The subcommands of genmedia-exporter, one file each; cli.py knows how they are called."""
