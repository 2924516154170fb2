from django.db import migrations, models


class Migration(migrations.Migration):
    """Takes the session model over from residents; the table and the sessions in it stay."""

    initial = True

    dependencies = [("residents", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "session_key",
                            models.CharField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="session key",
                            ),
                        ),
                        ("session_data", models.TextField(verbose_name="session data")),
                        (
                            "expire_date",
                            models.DateTimeField(db_index=True, verbose_name="expire date"),
                        ),
                        ("home", models.CharField(blank=True, db_index=True, max_length=40)),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "db_table": "residents_session",
                        "abstract": False,
                    },
                ),
            ],
        ),
    ]
