"""Tests of the connection of one instance."""
