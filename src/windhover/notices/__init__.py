"""Restrictions → words and data for each party, and other people's notices read."""
