"""The meaning: what the diagrams of a lead's path do and write."""
