#!/bin/sh
# One API call with curl: sh curl.sh ttpds/ext_uat_cert/markets
# Run it in the folder of your project. It takes the variables of tt-token. The token comes from its file, or is fetched first.
set -eu

path=$1
token=$(node_modules/.bin/tt-token --output token)
uuid=$(node -p 'crypto.randomUUID()')
base=${TT_BASE_URL:-https://ttrestapi.trade.tt}
# The names in the requestId take letters, digits and `_` only.
id=$(printf '%s-%s' "$TT_APP_NAME" "$TT_COMPANY_NAME" | tr ' ' '_')--$uuid

# From standard input: others could read the token in the list of processes.
printf 'header = "x-api-key: %s"\nheader = "authorization: Bearer %s"\n' "$TT_API_KEY" "$token" |
  curl --silent --show-error --fail --config - "$base/$path?requestId=$id"
