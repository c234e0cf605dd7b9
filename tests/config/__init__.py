"""Tests of the project itself: settings, addresses, security, and the rules of the code."""
