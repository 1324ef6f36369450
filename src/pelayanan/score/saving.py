"""Files that are whole, or as they were before."""

from pathlib import Path

from pelayanan.errors import ConfigError, StoreError, is_full

__all__ = ["write_whole"]


def write_whole(place: Path, text: str) -> None:
    """Write a text in one step: what was there stays whole until the new one is.

    Raises:
        ConfigError: The folder is not there, or may not be written.
        StoreError: The disk is full or broken.
    """
    special = place.exists() and not (place.is_file() or place.is_dir())  # such as /dev/stdout
    whole = place.resolve()
    fresh = place if special else whole.with_name(f".{whole.name}.new")
    try:
        fresh.write_text(text, "utf-8")
        if not special:
            fresh.replace(whole)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror}") from None
    except OSError as error:
        if not special:
            fresh.unlink(missing_ok=True)
        told = f"{place} cannot be written: {error.strerror}"
        raise StoreError(told, retryable=is_full(error)) from None
