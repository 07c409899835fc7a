"""The probe engine: one small request over a connection of its own, without the layers of a general client."""
