"""Recurrent cells as their equations read, and layers of them stacked."""
