"""Providers as data: one YAML file each, the schema they obey and the loader that reads them."""
