"""The original client: does what standard input says, and prints what came of it."""

import importlib.util
import json
import sys
import types
import warnings

# The package by itself loads every other service as well; what signs in is left as it is.
name = "descarteslabs"
package = types.ModuleType(name)
package.__path__ = list(importlib.util.find_spec(name).submodule_search_locations)
sys.modules[name] = package

from descarteslabs.auth import Auth  # noqa: E402

asked = json.loads(sys.stdin.readline())

if asked["do"] == "login":
    from descarteslabs.core.client.auth.cli.cli import cli

    cli(["login"], standalone_mode=False)  # reads the next line
    sys.exit()

if asked["do"] == "repeat":
    auth = Auth(**asked["with"])
    for _ in range(asked["times"]):
        auth._get_token()
    print(json.dumps({"token": auth.token}))
    sys.exit()

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    auth = Auth(**asked["with"])
    answer = {
        "token": auth.token,
        "client_id": auth.client_id,
        "client_secret": auth.client_secret,
        "refresh_token": auth.refresh_token,
        "scope": auth.scope,
        "payload": auth.payload,
        "namespace": auth.namespace,
        "all_acl_subjects": auth.all_acl_subjects,
        "all_acl_subjects_as_set": sorted(auth.all_acl_subjects_as_set),
        "all_owner_acl_subjects": auth.all_owner_acl_subjects,
        "all_owner_acl_subjects_as_set": sorted(auth.all_owner_acl_subjects_as_set),
    }
answer["warnings"] = [str(warning.message) for warning in caught]
print(json.dumps(answer))
