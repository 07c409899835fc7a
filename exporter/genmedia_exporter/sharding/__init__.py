"""Several exporters on one database: who owns which target."""
