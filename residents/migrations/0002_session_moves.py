from django.db import migrations


class Migration(migrations.Migration):
    """Gives the session model to common; the table and the sessions in it stay."""

    dependencies = [("residents", "0001_initial"), ("common", "0001_session")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name="Session")]
        ),
    ]
