"""What a text is about and what it is worth: values in, values out."""

from pelayanan.triage.substance import Substance, substance

__all__ = ["Substance", "substance"]
