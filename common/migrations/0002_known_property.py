from django.db import migrations, models


class Migration(migrations.Migration):
    """Remembers where somebody has signed in: strangers share what other properties are asked."""

    dependencies = [("common", "0001_session")]

    operations = [
        migrations.CreateModel(
            name="KnownProperty",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
            ],
        ),
    ]
