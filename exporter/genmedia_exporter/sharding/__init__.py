"""Several exporters on one database server: which of them probes which target."""
