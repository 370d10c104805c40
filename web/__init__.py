"""The door: pages, JSON and the command line."""
