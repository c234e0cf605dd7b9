"""Tests of Sales › Payment Services."""
