"""What a command line can get wrong after it has been parsed."""


class UsageError(ValueError):
    """The command line asks for something that cannot be; the message says the way out."""
