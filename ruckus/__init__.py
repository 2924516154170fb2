"""The service package: all knowledge of the RUCKUS One Resident Portal API, and the only importer of httpx."""
