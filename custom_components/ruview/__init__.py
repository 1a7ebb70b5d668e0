"""RuView for Home Assistant."""
