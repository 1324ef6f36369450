"""Half a character, which forms and programs leave behind where they cut a text by its length."""

__all__ = ["mended"]


def mended(text: str) -> str:
    r"""The text with its pairs of halves joined; a half that is alone becomes U+FFFD.

    Example:
        >>> mended("Baik \ud83d"), mended("Baik \ud83d\ude42")
        ('Baik �', 'Baik 🙂')
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
