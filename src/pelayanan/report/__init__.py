"""Reports for people: one HTML file that opens without network, a text, a table."""

from pelayanan.report.monthly import Report, brief, monthly

__all__ = ["Report", "brief", "monthly"]
