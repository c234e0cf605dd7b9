"""Tests of the project itself: settings, security, health, Dashboard."""
