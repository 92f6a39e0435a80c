#!/bin/sh
# A check for Nagios, Icinga and the like: check_tt_token.sh [warning seconds] [critical seconds]
# Run it in the folder of your project. Their exit codes are 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; those of tt-token say something else.
warning=${1:-600}
critical=${2:-60}

verify() {
  said=$(node_modules/.bin/tt-token --verify --min-seconds "$1" 2>&1)
}

verify "$warning"
case $? in
  0) echo "OK - $said"; exit 0 ;;
  3) ;;
  *) echo "UNKNOWN - $said"; exit 3 ;;
esac
verify "$critical"
case $? in
  0) echo "WARNING - less than $warning s left: $said"; exit 1 ;;
  3) echo "CRITICAL - $said"; exit 2 ;;
  *) echo "UNKNOWN - $said"; exit 3 ;;
esac
