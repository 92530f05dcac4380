"""Tests of SAPIENT."""
