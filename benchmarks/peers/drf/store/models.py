from django.db import models


class User(models.Model):
    id = models.BigAutoField(primary_key=True)
    email = models.TextField()
    username = models.TextField()
    full_name = models.TextField(null=True)
    role = models.TextField()
    is_active = models.BooleanField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = 'app"."users'
        ordering = ["id"]
