# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# What an engine holds, and what containers can be bounded with.

fact_images() {
    command -v docker >/dev/null 2>&1 || conclude absent
    engine_version || unknown "$LINE"
    field version "$VERSION"
    engine_info || unknown "$LINE"
    field info "$INFO"
    images_inspected || unknown "$LINE"
    field table "$images_table"
    field inspected "[$images_documents]"
    used_images || unknown "$LINE"
    field used "$USED"
    # Without it the room is unknown, and everything else is not.
    ! free_room "$ENGINE_ROOT" || field df "$ROOM"
    staged || unknown "$WHY"
    field staged "$STAGED"
    conclude found
}

# images_inspected: sets images_table and images_documents; again where an image goes while it is looked at.
images_inspected() {
    for _ in 1 2 3; do
        ask_docker 20 images --no-trunc || return 1
        images_table=$SAID
        ask_docker 20 images --no-trunc -q || return 1
        images_ids=$SAID
        # From 29 on the plain list leaves out what has no name.
        ask_docker 20 images --no-trunc -q --filter dangling=true || return 1
        images_ids=$(printf '%s\n%s\n' "$images_ids" "$SAID" | awk 'NF && !seen[$1]++ { print $1 }')
        images_documents=
        batches inspect_images "$images_ids" && return 0
        case $SAID in
            *'No such'*) ;;
            *) return 1 ;;
        esac
    done
    return 1
}

# Without --format, whose fields differ from one release to the next.
inspect_images() {
    ask_docker 20 inspect "$@" || return
    case $SAID in
        '['*']') ;;
        *)
            LINE='docker inspect: the answer is no list'
            return 1
            ;;
    esac
    SAID=${SAID#'['}
    images_documents=$images_documents${images_documents:+,}${SAID%']'}
}

# Of the whole system, whichever containers this shell may be in.
fact_control_groups() {
    control_mounts=$(cat "$ROOT/proc/mounts" 2>&1) || unknown "$control_mounts"
    field mounts "$(printf '%s\n' "$control_mounts" | grep -E ' cgroup2? ')"
    conclude found
}
