"""Drivers: one file per wire shape. A driver is one function and some data; the prober owns the rest."""
