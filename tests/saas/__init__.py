"""Tests of the stand-in of Commerce Services."""
