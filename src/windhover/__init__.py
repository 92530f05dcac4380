"""Windhover."""
