"""The two roles, which are Django's groups."""

from typing import Any

from django.db import migrations


def add(apps: Any, schema_editor: Any) -> None:
    group = apps.get_model("auth", "Group")
    for name in ("owner", "manager"):
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
