# Microsoft's client for Python: reads what was written to the vault, writes to it, and says what it makes of refusals.
import json, os, socket, sys, time
from datetime import datetime, timezone
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets import SecretClient

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: resolve(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **named
)


class Credential:
    def get_token(self, *scopes, **options):
        self.scopes = scopes
        return AccessToken(os.environ["VAULT_TOKEN"], int(time.time()) + 3600)


credential = Credential()
client = SecretClient(os.environ["VAULT"], credential)


def failing(call):
    try:
        call()
    except HttpResponseError as error:
        inner = error.error.innererror if error.error else None
        return [type(error).__name__, error.status_code, error.error.code, (inner or {}).get("code")]


read = client.get_secret("from-javascript")
written = client.set_secret(
    "from-python", "þ", content_type="text/plain", expires_on=datetime(2100, 1, 1, tzinfo=timezone.utc)
)
client.set_secret("off", "t")
client.update_secret_properties("off", enabled=False)
json.dump(
    {
        "scopes": credential.scopes,
        "read": [read.value, read.properties.version, read.properties.content_type, str(read.properties.expires_on)],
        "written": written.properties.version,
        "missing": failing(lambda: client.get_secret("missing")),
        "disabled": failing(lambda: client.get_secret("off")),
    },
    sys.stdout,
)
