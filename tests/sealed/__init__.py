"""What every Python process of a test run is under: see sitecustomize."""
