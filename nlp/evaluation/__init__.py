"""What measures the reader: figures, baselines, calibration.

Belongs here: comparing readings with labels. Does not belong here: reading, thresholds for CI (tests).
"""
