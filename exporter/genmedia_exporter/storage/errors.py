"""What is wrong with a database, as errors; without the library that talks to it, which is slow to import."""


class StorageError(ValueError):
    """The database cannot be used as it is; the message is one sentence that says the way out."""


class NoHistoryError(StorageError):
    """There is no database yet, or nothing in it."""


class NewerSchemaError(StorageError):
    """A newer exporter has written it."""


class StorageTakenError(StorageError):
    """Another process has the file."""
