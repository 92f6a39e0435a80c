"""API calls from Python, with the token of tt-token: python3 client.py ttpds/ext_uat_cert/markets ...

Run it in the folder of your project. It takes the variables of tt-token, and needs no package.
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

BASE = os.environ.get("TT_BASE_URL", "https://ttrestapi.trade.tt")
TT_TOKEN = os.path.join("node_modules", ".bin", "tt-token.cmd" if os.name == "nt" else "tt-token")


def tt_token(*arguments, given=""):
    """What tt-token prints; None where a refused token is not replaced so soon again (exit code 3)."""
    command = [TT_TOKEN, *arguments, "--output", "token"]
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode == 3:
        return None
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout.strip()


class Client:
    def __init__(self):
        self.token = tt_token()

    def get(self, path):
        try:
            return self.send(path)
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
            # Refused: another process may have a newer one, or this gets it for all.
            newer = tt_token("refused", given=self.token)
            if newer is None:
                raise
            self.token = newer
            return self.send(path)

    def send(self, path):
        names = [re.sub(r"\W", "", os.environ[name].replace(" ", "_")) for name in ("TT_APP_NAME", "TT_COMPANY_NAME")]
        url = f"{BASE}/{path}?requestId={'-'.join(names)}--{uuid.uuid4()}"
        headers = {"x-api-key": os.environ["TT_API_KEY"], "authorization": f"Bearer {self.token}"}
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return json.load(answer)


if __name__ == "__main__":
    client = Client()
    for path in sys.argv[1:]:
        print(json.dumps(client.get(path)))
