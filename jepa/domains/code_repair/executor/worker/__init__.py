"""What runs inside the project's own interpreter.

That interpreter need not have this package, so `launch.py` is started by its
path and loads this folder as the package `_jepa_worker`. Hence nothing here
imports anything but the standard library, pytest, and, relatively, its
siblings.
"""
