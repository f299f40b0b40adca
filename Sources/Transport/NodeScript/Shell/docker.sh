# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Asking the Docker engine. Nothing here changes anything.

# ask_docker SECONDS ARGUMENT…: sets SAID to what docker prints, and where it fails to all its words, the errors last.
# Not mixed, since a warning would spoil what is to be read.
ask_docker() {
    ask_seconds=$1
    shift
    SAID=$({
        ask_words=$(bounded "$ask_seconds" docker "$@" 2>&1 >&3 3>&-)
        ask_status=$?
        [ "$ask_status" -eq 0 ] || printf '\n%s\n' "$ask_words"
        exit "$ask_status"
    } 3>&1)
    ask_status=$?
    case $ask_status in
        0) return 0 ;;
        124 | 143) LINE="no answer within $ask_seconds s" ;;
        *) docker_line "$SAID" ;;
    esac
    LINE="docker $1: $LINE"
    return "$ask_status"
}

# docker_line WORDS: sets LINE to the engine's reason: that it cannot be reached, or that we may not, before all else.
docker_line() {
    last_line "$(printf '%s\n' "$1" | grep -iE 'permission denied|cannot connect to the docker|connection refused')"
    [ -n "$LINE" ] || last_line "$1"
}

# engine_version: sets VERSION; else fails, and LINE says why.
engine_version() {
    if ask_docker 10 version --format '{{.Server.Version}}'; then
        last_line "$SAID"
    else
        case $SAID in
            # Clients before 1.8 know no --format.
            *'provided but not defined'*)
                ask_docker 10 version || return 1
                value_of 'Server version' "$(printf '%s\n' "$SAID" | sed 's/^Server version: */Server version=/')"
                LINE=$VALUE
                [ -n "$LINE" ] || docker_line "$SAID"
                ;;
            *) return 1 ;;
        esac
    fi
    VERSION=$LINE
    [ -n "$VERSION" ] || LINE='docker version: empty answer'
    [ -n "$VERSION" ]
}

# engine_info: sets INFO, and ENGINE_ROOT to the directory of the engine's data.
engine_info() {
    if ! ask_docker 15 info --format '{{json .}}'; then
        case $SAID in
            # Clients before 1.13 know no --format here.
            *'provided but not defined'* | *'unknown flag'*) ask_docker 15 info || return 1 ;;
            *) return 1 ;;
        esac
    fi
    INFO=$SAID
    ENGINE_ROOT=$(printf '%s\n' "$INFO" | sed -n \
        -e 's/.*"DockerRootDir":"\([^"]*\)".*/\1/p' -e 's/^ *Docker Root Dir: *//p' | head -n 1)
    [ -n "$ENGINE_ROOT" ] || ENGINE_ROOT=/var/lib/docker
    ENGINE_STORE=classic
    case $INFO in
        *io.containerd.snapshotter.v1*)
            ENGINE_STORE=containerd
            # A containerd of its own, or the system's, which keeps its data beside Docker's.
            if [ -d "$ROOT/var/lib/containerd" ] && [ ! -d "$ROOT$ENGINE_ROOT/containerd/daemon/io.containerd.content.v1.content" ]
            then
                ENGINE_ROOT=/var/lib/containerd
            fi
            ;;
    esac
}

# batches FUNCTION WORDS: calls FUNCTION with 50 words at a time; stops at the first that fails.
batches() {
    batches_function=$1
    # shellcheck disable=SC2086
    set -- $2
    while [ $# -gt 0 ]; do
        batch=
        batch_size=0
        while [ $# -gt 0 ] && [ "$batch_size" -lt 50 ]; do
            batch="$batch $1"
            batch_size=$((batch_size + 1))
            shift
        done
        # shellcheck disable=SC2086
        "$batches_function" $batch || return
    done
}

# used_images: sets USED to the ids of the images that containers, running or not, were made from; one a line.
used_images() {
    USED=
    ask_docker 20 ps -a -q --no-trunc || return 1
    batches used_by "$SAID"
}

used_by() {
    used_by_words=$(bounded 20 docker inspect --format '{{.Image}}' "$@" 2>&1)
    case $? in
        124 | 143)
            LINE='docker inspect: no answer within 20 s'
            return 1
            ;;
    esac
    while read -r used_by_line; do
        case ${used_by_line#sha256:} in
            # A container that has gone meanwhile uses nothing.
            '' | *'No such'*) ;;
            *[!0-9a-f]*)
                LINE="docker inspect: $used_by_line"
                return 1
                ;;
            *) USED=$USED$used_by_line$newline ;;
        esac
    done <<WORDS
$used_by_words
WORDS
}

# free_room PATH: sets ROOM to the line of df about PATH's file system, FREE to its free KiB, and DEVICE; PATH or its nearest
# existing parent.
free_room() {
    room_path=$1
    while [ ! -e "$ROOT$room_path" ] && [ -n "$room_path" ]; do
        room_path=${room_path%/*}
    done
    room_words=$(bounded 10 df -Pk "$ROOT$room_path/" 2>&1) || {
        last_line "$room_words"
        LINE="df: $LINE"
        return 1
    }
    last_line "$room_words"
    ROOM=$LINE
    FREE=$(printf '%s\n' "$ROOM" | sed -n 's/.* \([0-9][0-9]*\)  *[0-9]*% .*/\1/p')
    DEVICE=$(stat -c %d "$ROOT$room_path/" 2>/dev/null) || DEVICE=$ROOM
    [ -n "$FREE" ] || LINE="df: $ROOM"
    [ -n "$FREE" ]
}

# staged: sets STAGED, the bytes in our directory of parts; fails with WHY.
staged() {
    STAGED=0
    if missing "$STATE/images"; then
        return 0
    fi
    [ -z "$WHY" ] || return 1
    if [ ! -r "$STATE/images" ] || [ ! -x "$STATE/images" ]; then
        WHY='/var/lib/reconciler/images: cannot be listed'
        return 1
    fi
    for staged_file in "$STATE/images"/*; do
        [ -f "$staged_file" ] || continue
        staged_size=$(stat -c %s "$staged_file" 2>/dev/null) || continue
        STAGED=$((STAGED + staged_size))
    done
}
