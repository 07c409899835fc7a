"""How a request carries a credential: one file per scheme that signs, and what attaches the rest."""
