#!/usr/bin/env bash
# Microsoft's Key Vault client for Python: the second client that our Key Vault double must satisfy.
set -euo pipefail
home="${AUTH_PARTS:-$HOME/.cache/auth-parts}/azure-python"
works() { PYTHONPATH="$home" python3 -c 'import azure.keyvault.secrets' 2>/dev/null; }
works && exit 0
python3 -m pip install --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
  --target "$home" azure-keyvault-secrets==4.12.0
works
