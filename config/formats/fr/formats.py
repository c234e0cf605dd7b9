"""French dates, with the month abbreviated as on every other page: *22 nov. 2026, 12:05*."""

DATETIME_FORMAT = "j N Y, H:i"
DATE_FORMAT = "j N Y"
TIME_FORMAT = "H:i"
