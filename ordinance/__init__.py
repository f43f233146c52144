"""The law as data: definitions, services, products, agencies, deadlines, jurisdiction presets (YAML + Pydantic).

Belongs here: YAML files, their models, and the loader that names file, line and field of an error.
Does not belong here: any code that reads evidence.
"""
