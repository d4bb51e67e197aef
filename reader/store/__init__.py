"""The reading data: the database, its records, write-behind, backups, export, import and merge."""
