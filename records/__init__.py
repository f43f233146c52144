"""Ground floor: the shapes of what the product writes down, their ids, and where they lie.

Belongs here: Arrow schemas of the lake's tables, id functions, the workspace's folders, the atomic
partition writer, small files replaced whole. Does not belong here: any source's format, any rule of law, any SQL.
"""
