/** What `tt-token --help` prints. */
export const help = `tt-token - an access token of the Trading Technologies (TT) REST API

The token is kept in a file that all processes of a user share: your programs
that use tt-token-manager find it there, and while it is valid, calling tt-token
again costs no token request.

Usage
  tt-token [--force-refresh] [--show]    get a token, from the file or from TT
  tt-token --verify [--online] [--show]  is the token in the file valid?
  tt-token refused                       replace a token that the API refused,
                                         read from standard input
  tt-token keep [--write <path>]         stay, and keep the token fresh
  tt-token doctor [--online]             look for what is wrong, say what to do
  tt-token login                         app key and secret into the keyring
  tt-token logout                        remove them, and the token

Options
  --force-refresh       fetch a new token whatever the state
  --verify              check the expiry of the stored token: no network, no
                        refresh, no secret
  --online              verify, and ask the API too
                        (GET /ttpds/<environment>/markets); with doctor, ask TT
                        for a token too, which is not kept
  --min-seconds <n>     with --verify: valid, and for so many seconds more
  --show                print the token too
  --store <where>       where the token is kept: file (default) or keyring
  --output <format>     text (default); json: one JSON object on stdout;
                        token: the bare token
  --write <path>        with keep: the bare token in this file too, mode 0600;
                        its folder must exist
  --dotenv <path>       read variables from this file, not from .env in the
                        working directory
  --environment <name>  UAT (default), SIM or LIVE          (TT_ENVIRONMENT)
  --token-file <path>   where the token is kept             (TT_TOKEN_FILE)
  --base-url <url>      default https://ttrestapi.trade.tt  (TT_BASE_URL)
  -h, --help            print this help
  --version             print the version

Variables (options beat variables, variables beat the env file; an empty one is
not set)
  TT_API_KEY            the app key, from TT's Setup page      (always)
  TT_API_SECRET         the app secret, or <key>:<secret>    (to get a token)
  TT_APP_NAME           your application, for request IDs  (the same, --online)
  TT_COMPANY_NAME       your company, for request IDs      (the same, --online)
  TT_TOKEN_FILE_KEY     encrypts the token: 32 bytes in hex or base64, such as
                        from openssl rand -base64 32
  TT_API_SECRET_FILE, TT_TOKEN_FILE_KEY_FILE
                        files that hold the two, read anew at each use
  TT_ENVIRONMENT, TT_TOKEN_FILE, TT_BASE_URL
                        as the options above
  Where key or secret is not set, those of tt-token login are taken. login asks
  on the terminal, or reads <key>:<secret>, or a line for each, from standard
  input. The keyring needs the package @napi-rs/keyring.
  There is no option for the keys and the secret: others could read them in the
  list of processes.

  HTTPS_PROXY, HTTP_PROXY and NO_PROXY are used by Node 22.21, 24.5 and newer.

refused
  For programs in other languages, on a 401: it prints the token to go on with.
  Another process may have replaced it already; else one request replaces it for
  all. The first time that is done at once, then with growing pauses, in which
  the token stays (exit code 3): an API that answers 401 for reasons of its own
  must not spend the day's token requests.

keep
  Stays in the foreground, for programs in other languages, sidecars and
  systemd. It fetches a new token before the old one ends, and replaces the file
  as a whole. Each new token and each failure is a line on stderr. While TT
  cannot be reached it goes on trying; refused credentials end it when no valid
  token is left. SIGTERM, SIGINT and SIGHUP end it at once, on Windows Ctrl-C
  and Ctrl-Break. The file is left: its readers may need the token until it
  expires.

Exit codes
  0  done; the token is valid; refused: there is another token; keep was ended
  1  failed: TT not reached, or it gave no token; doctor: something is wrong
  2  wrong usage or configuration
  3  --verify, --online: the token is missing, not valid, or not for
     --min-seconds; refused: it is too soon, the same token stays

Examples
  tt-token --environment LIVE          get a token for the live environment
  tt-token --verify --output json      tell a monitor how long it is valid
  tt-token --verify --min-seconds 3600 is the token good for an hour?
  tt-token keep --write /run/tt/token  for a program that reads it from a file
  curl -H "authorization: Bearer $(tt-token --output token)" <url>
  printf %s "$token" | tt-token refused --output token`;
