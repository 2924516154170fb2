"""What a later release may do to the table that all hosts are at work with."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0001_session")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE residents_session ADD COLUMN later varchar(10) NOT NULL DEFAULT ''",
            "ALTER TABLE residents_session DROP COLUMN later",
        )
    ]
