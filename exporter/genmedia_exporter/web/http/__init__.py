"""HTTP below the routes: server, TLS, authentication, negotiation, compression, limits."""
