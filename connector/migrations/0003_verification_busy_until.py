from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connector", "0002_action_log")]

    operations = [
        migrations.AddField(
            model_name="verification", name="busy_until", field=models.DateTimeField(null=True)
        ),
    ]
