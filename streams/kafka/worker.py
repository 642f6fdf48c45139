"""The app for Faust's own command: `faust -A streams.kafka.worker worker -l info`.

It is made of the settings found here, as `seamline worker` does, but for the warehouse, which needs its own process.
"""

from streams.assembly import IN_ONE_PROCESS, app_of, worker_of
from streams.settings import load_settings

_settings = load_settings()
app = app_of(worker_of(_settings, [role for role in _settings.worker.roles if role in IN_ONE_PROCESS]))
