#!/bin/sh
# Saves the plan that apply-plan.sh applies: what was looked at and approved is what is done, or nothing.
#
# RECONCILER, RECONCILER_OPTIONS, CLUSTER_FILE as in plan-comment.sh; PLAN: where it goes (plan.json).
# Ends with 3 where a rule forbids the plan: then no plan is saved.
set -eu

# shellcheck disable=SC2086 # options are split at blanks
exec "${RECONCILER:-reconciler}" plan --file "${CLUSTER_FILE:-cluster.yaml}" --out "${PLAN:-plan.json}" \
    ${RECONCILER_OPTIONS:-}
