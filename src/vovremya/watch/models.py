"""The only trace of the watch: when it last said that it is alive."""

from django.db import models


class Heartbeat(models.Model):
    name = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField()  # real time
