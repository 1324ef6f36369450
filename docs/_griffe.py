"""Teach the reader of docstrings that `Example:` with doctests is a section of examples."""

import re
from typing import Any

import griffe

_HEADING = re.compile(r"^( *)Example:\n(?=\s*>>>)", re.MULTILINE)


class Examples(griffe.Extension):
    """Without this, brackets in an example's output are taken for links."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = _HEADING.sub(r"\1Examples:\n", obj.docstring.value)
