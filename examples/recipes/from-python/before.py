"""Before: a token manager in Python, with a file of its own. Node programs have another token, in another file."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

BASE = os.environ.get("TT_BASE_URL", "https://ttrestapi.trade.tt")
KEY = os.environ["TT_API_KEY"]


def send(path, headers, data=None):
    url = f"{BASE}/{path}?requestId=My_App-Acme_Co--{uuid.uuid4()}"
    request = urllib.request.Request(url, data, {"x-api-key": KEY, **headers})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class TokenManager:
    def __init__(self, path="tt_token.json", buffer_seconds=600):
        self.path, self.buffer_seconds = path, buffer_seconds

    def get_token(self, refused=None):
        try:
            with open(self.path) as file:
                kept = json.load(file)
            if kept["token"] != refused and kept["expires_at"] - self.buffer_seconds > time.time():
                return kept["token"]
        except (OSError, ValueError, KeyError):
            pass
        form = {"grant_type": "user_app", "app_key": f"{KEY}:{os.environ['TT_API_SECRET']}"}
        answer = send("ttid/ext_uat_cert/token", {}, urllib.parse.urlencode(form).encode())
        with open(self.path, "w") as file:
            json.dump({"token": answer["access_token"], "expires_at": time.time() + answer["seconds_until_expiry"]}, file)
        return answer["access_token"]


def call(manager, path):
    token = manager.get_token()
    try:
        return send(path, {"authorization": f"Bearer {token}"})
    except urllib.error.HTTPError as error:
        if error.code != 401:
            raise
        return send(path, {"authorization": f"Bearer {manager.get_token(refused=token)}"})


if __name__ == "__main__":
    print(json.dumps(call(TokenManager(), "ttpds/ext_uat_cert/markets")))
