"""Dagster: assets, partitions, schedules, checks, resources. No business logic: each asset calls one room.

Also the foreground run (`section3c run`), which executes the same job in this process.
"""
