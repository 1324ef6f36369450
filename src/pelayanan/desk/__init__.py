"""Everything joined over one store: configuration, sync, sending, aid, scores."""

from pelayanan.desk.config import Config
from pelayanan.desk.desk import Desk

__all__ = ["Config", "Desk"]
