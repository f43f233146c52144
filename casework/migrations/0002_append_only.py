"""Triggers: no event is ever changed or removed."""

from django.db import migrations

from casework import triggers


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunPython(triggers.create, triggers.drop)]
