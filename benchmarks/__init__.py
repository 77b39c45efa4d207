"""Every speed that we claim, as a ratio measured side by side in one run."""
