"""What can be wrong with the name of a provider."""


class UnknownProviderError(LookupError):
    """There is no such provider. `hint` says what was probably meant."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message
