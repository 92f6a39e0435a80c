# API calls from PowerShell. NOT RUN by a test: nobody had a Windows for it.
#
# The token is kept in a file by a task of the Windows task scheduler, once, as the user who makes the calls:
#
#   $action = New-ScheduledTaskAction -Execute 'C:\tt\node_modules\.bin\tt-token.cmd' `
#     -Argument 'keep --dotenv C:\tt\tt.env --write C:\tt\private\token' -WorkingDirectory 'C:\tt'
#   $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit 0 -RestartCount 99 -RestartInterval (New-TimeSpan -Minutes 1)
#   Register-ScheduledTask 'tt-token' -Action $action -Settings $settings -Trigger (New-ScheduledTaskTrigger -AtLogOn)
#
# tt.env: TT_API_KEY=..., TT_APP_NAME=..., no double quotes around paths. TT_API_SECRET_FILE names a file with the secret.
# Windows has no file modes: give C:\tt\private to this user alone: icacls C:\tt\private /inheritance:r /grant:r "${env:USERNAME}:(OI)(CI)F"
param([Parameter(Mandatory)] [string] $Path)
$ErrorActionPreference = 'Stop'

$base = if ($env:TT_BASE_URL) { $env:TT_BASE_URL } else { 'https://ttrestapi.trade.tt' }
$names = ($env:TT_APP_NAME, $env:TT_COMPANY_NAME | ForEach-Object { $_ -replace ' ', '_' -replace '\W', '' }) -join '-'

function Send-Request([string] $Token) {
  $headers = @{ 'x-api-key' = $env:TT_API_KEY; authorization = "Bearer $Token" }
  Invoke-RestMethod "$base/${Path}?requestId=$names--$(New-Guid)" -Headers $headers
}

$token = (Get-Content -Raw 'C:\tt\private\token').Trim()
try {
  Send-Request $token
} catch {
  if ([int] $_.Exception.Response.StatusCode -ne 401) { throw }
  # Refused: another process may have a newer one, or this gets it for all. Exit code 3: not so soon again.
  $newer = $token | & 'C:\tt\node_modules\.bin\tt-token.cmd' refused --dotenv C:\tt\tt.env --output token
  if ($LASTEXITCODE -ne 0) { throw }
  Send-Request $newer
}
