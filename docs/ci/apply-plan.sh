#!/bin/sh
# Applies the saved plan; refuses (3) where anything that it relies on moved since, and names it.
#
# RECONCILER, RECONCILER_OPTIONS, CLUSTER_FILE as in plan-comment.sh; PLAN: where it is (plan.json).
set -eu

# shellcheck disable=SC2086 # options are split at blanks
exec "${RECONCILER:-reconciler}" apply "${PLAN:-plan.json}" --file "${CLUSTER_FILE:-cluster.yaml}" --yes \
    ${RECONCILER_OPTIONS:-}
