#!/bin/sh
# Plans a change and writes the plan under its pull request, in place of the one of the last push.
#
#   BASE=origin/main plan-comment.sh
#
# RECONCILER          the program (reconciler)
# RECONCILER_OPTIONS  further options of it, split at blanks, such as --ssh-config ci/ssh_config
# CLUSTER_FILE        the declaration (cluster.yaml)
# BASE                the revision that the change is compared with
# SNAPSHOT            a look that `observe --snapshot` saved; without it nobody is asked and BASE is taken as applied
# COMMENT             where the text goes (comment.md)
#
# Ends as `plan` does, but for 2 (changes pending): a change is no failure.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
comment=${COMMENT:-comment.md}

set -- plan --file "${CLUSTER_FILE:-cluster.yaml}" --format markdown --detailed-exitcode
[ -z "${BASE:-}" ] || set -- "$@" --base "$BASE"
[ -z "${SNAPSHOT:-}" ] || set -- "$@" --observed "$SNAPSHOT"
# shellcheck disable=SC2086 # options are split at blanks
set -- "$@" ${RECONCILER_OPTIONS:-}

status=0
"${RECONCILER:-reconciler}" "$@" >"$comment" || status=$?
case $status in
    0 | 2 | 3 | 4) "$here/upsert-comment.sh" "$comment" ;;
esac
[ "$status" != 2 ] || status=0
exit "$status"
