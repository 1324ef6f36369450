"""Photos and videos as evidence: without place and device, hashed, kept by hash.

Needs ``pip install 'pelayanan[media]'``; importing this needs nothing.
"""

from pelayanan.media.shrink import smaller
from pelayanan.media.store import MediaStore, StoredMedia
from pelayanan.media.strip import Stripped, strip, stripped_file

__all__ = ["MediaStore", "StoredMedia", "Stripped", "smaller", "strip", "stripped_file"]
