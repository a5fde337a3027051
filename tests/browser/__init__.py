"""In a real browser. A package, so that JupyterLab and Chromium end with the last of its tests."""
