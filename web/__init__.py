"""The site: the Administrator's console, public pages and the API. Pages are thin; casework's services do the work."""
