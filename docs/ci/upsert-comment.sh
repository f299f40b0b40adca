#!/bin/sh
# Writes a file as the one comment of its kind: the comment that begins with the same first line is replaced, else one is made.
#
#   upsert-comment.sh FILE
#
# On GitHub:  GITHUB_TOKEN, GITHUB_REPOSITORY, PR_NUMBER; GITHUB_API_URL; COMMENT_AUTHOR (github-actions[bot])
# On GitLab:  GITLAB_CI, RECONCILER_GITLAB_TOKEN (scope api), CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID;
#             COMMENT_AUTHOR (anybody: a user's name, whose comments alone are replaced)
#
# Needs curl and jq. Tokens reach curl on standard input, never as arguments, which every process may read.
set -eu

die() {
    echo "upsert-comment: $*" >&2
    exit 1
}

file=${1:?usage: upsert-comment.sh FILE}
marker=$(head -n 1 "$file")
case $marker in
    '<!-- reconciler:'*' -->') ;;
    *) die "$file does not begin with the marker of a comment" ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${GITLAB_CI:-}" ]; then
    comments="${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes"
    single=$comments
    change=PUT
    header="PRIVATE-TOKEN: ${RECONCILER_GITLAB_TOKEN:?}"
    author=${COMMENT_AUTHOR:-}
    by=.author.username
else
    repository="${GITHUB_API_URL:-https://api.github.com}/repos/${GITHUB_REPOSITORY:?}"
    comments="$repository/issues/${PR_NUMBER:?}/comments"
    single="$repository/issues/comments"
    change=PATCH
    header="Authorization: Bearer ${GITHUB_TOKEN:?}"
    author=${COMMENT_AUTHOR:-github-actions[bot]}
    by=.user.login
fi

# The answer goes to $scratch/answer.
call() {
    printf 'header = "%s"\n' "$header" |
        curl -q --config - --silent --show-error --fail --max-time 60 --retry 3 \
            --header 'Content-Type: application/json' --request "$1" --output "$scratch/answer" ${3:+--data-binary "@$3"} \
            "$2"
}

# Somebody else's comment that begins with the marker is not ours to replace.
find_comment() {
    page=1
    while [ "$page" -le 50 ]; do
        call GET "$comments?per_page=100&page=$page"
        found=$(jq -r --arg marker "$marker" --arg author "$author" \
            "[.[] | select((.body | startswith(\$marker)) and (\$author == \"\" or $by == \$author)) | .id][0] // empty" \
            "$scratch/answer")
        [ -z "$found" ] || break
        [ "$(jq length "$scratch/answer")" -eq 100 ] || break
        page=$((page + 1))
    done
    echo "$found"
}

id=$(find_comment)
if [ -z "$id" ] && sed -n 2p "$file" | grep -q ' — no changes'; then
    echo 'nothing changes, and nothing was said before: no comment'
    exit 0
fi

jq -n --rawfile body "$file" '{body: $body}' >"$scratch/body"
if [ -n "$id" ]; then
    call "$change" "$single/$id" "$scratch/body"
    echo "replaced comment $id"
else
    call POST "$comments" "$scratch/body"
    echo "made comment $(jq -r .id "$scratch/answer")"
fi
