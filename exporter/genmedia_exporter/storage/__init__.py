"""Where state, transitions and history are kept: one set of statements for SQLite and PostgreSQL."""
