#!/bin/sh
# One API call with curl: sh curl.sh ttpds/ext_uat_cert/markets
# Run it in the folder of your project. It takes the variables of tt-token. The token comes from its file, or is fetched first.
set -eu

path=$1
base=${TT_BASE_URL:-https://ttrestapi.trade.tt}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# Prints the status of a call with the token $1; the body goes to $answer.
call() {
  # The names in the requestId take letters, digits and `_` only.
  id=$(printf '%s-%s' "$TT_APP_NAME" "$TT_COMPANY_NAME" | tr ' ' '_')--$(node -p 'crypto.randomUUID()')
  # From standard input: others could read the token in the list of processes.
  printf 'header = "x-api-key: %s"\nheader = "authorization: Bearer %s"\n' "$TT_API_KEY" "$1" |
    curl --silent --show-error --config - --output "$answer" --write-out '%{http_code}' "$base/$path?requestId=$id"
}

token=$(node_modules/.bin/tt-token --output token)
status=$(call "$token")
if [ "$status" = 401 ]; then
  # Refused: another process may have a newer one, or this gets it for all. Exit code 3: not so soon again.
  if token=$(printf %s "$token" | node_modules/.bin/tt-token refused --output token); then
    status=$(call "$token")
  fi
fi
cat "$answer"
case $status in 2*) ;; *) echo "$path: $status" >&2; exit 1 ;; esac
