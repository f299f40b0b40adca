# shellcheck shell=sh
# Gets an image into the engine, detached from any connection: ROOT JOB load REFERENCE ID KIND LAYERS PART…, from staged parts,
# or ROOT JOB pull REFERENCE SOURCE. KIND is `foreign` where ids of the origin are of another kind than here.

ROOT=$1
job=$2
mode=$3
reference=$4
shift 4
LC_ALL=C
export LC_ALL
umask 077
images=$ROOT/var/lib/reconciler/images

if command -v timeout >/dev/null 2>&1; then
    bounded() { timeout "$@"; }
else
    bounded() {
        shift
        "$@"
    }
fi

# words FILE: its last lines that say something, as one.
words() { grep -v '^[[:space:]]*$' "$1" | tail -n 3 | tr '\n\r' '  ' | sed 's/ *$//'; }

# fail WHAT FILE: names a full disk as such.
fail() {
    case $(cat "$2") in
        *'No space left on device'* | *'no space left on device'* | *'Disk quota exceeded'*)
            end failed "disk full: $1: $(words "$2"); make room and run again"
            ;;
    esac
    end failed "$1: $(words "$2")"
}

# ask TEMPLATE NAME: sets SAID; 1 where there is no such image. Ends where the engine does not tell.
ask() {
    SAID=$(bounded 60 docker inspect --format "$1" "$2" 2>"$job/errors")
    ask_status=$?
    [ "$ask_status" -ne 0 ] || return 0
    case $ask_status:$(cat "$job/errors") in
        *'No such'*) return 1 ;;
        124:* | 143:*) end failed "docker inspect $2: no answer within 60 s" ;;
    esac
    fail "docker inspect $2" "$job/errors"
}

# Whether ids here and the one we were given can be compared; else LAYERS are.
comparable() {
    [ "$kind" = own ] || return 1
    case $id:$1 in
        sha256:*:sha256:*) ;;
        sha256:*:* | *:sha256:*) return 1 ;;
    esac
    # Ids of a containerd image store are those of manifests.
    ! bounded 60 docker info 2>/dev/null | grep -q 'io\.containerd\.snapshotter\.v1'
}

# verify: whether REFERENCE is the image; WRONG says what it is instead.
verify() {
    if ! ask '{{.Id}}' "$reference"; then
        WRONG="there is no $reference"
        return 1
    fi
    verify_id=$SAID
    [ "$verify_id" != "$id" ] || return 0
    WRONG="$reference is $verify_id, not $id"
    ! comparable "$verify_id" || return 1
    case $verify_id in
        sha256:*) WRONG="$WRONG; by its layers it is another image" ;;
        *)
            WRONG="$WRONG; an engine before 1.10 tells no layers by which it could be compared"
            return 1
            ;;
    esac
    [ -n "$layers" ] && ask '{{range .RootFS.Layers}}{{.}} {{end}}' "$reference" || return 1
    # shellcheck disable=SC2086
    set -- $SAID
    [ "$*" = "$layers" ]
}

# An app must not start from what was meant to be something else: the name goes back to the image that had it.
put_back() {
    [ -n "$before" ] || return 0
    ask '{{.Id}}' "$reference" && [ "$SAID" = "$before" ] && return 0
    name "$before" && WRONG="$WRONG; it names $before again"
}

# name ID: makes REFERENCE a name of it. Engines before 1.10 move a name only with -f, which later ones do not know.
name() {
    bounded 60 docker tag "$1" "$reference" 2>"$job/errors" && return 0
    grep -q -e '-f option' "$job/errors" && bounded 60 docker tag -f "$1" "$reference" 2>"$job/errors"
}

# Set in the pipe's own shells, where no variable would be seen.
feed() {
    cat "$@" 2>"$job/cat-errors"
    echo "$?" >"$job/cat-status"
}

load() {
    cd "$images" 2>/dev/null || end failed 'there are no staged parts here; run again'
    for load_part in "$@"; do
        [ -f "$load_part" ] || end failed "part $load_part is not staged here; run again"
    done
    before=
    ! ask '{{.Id}}' "$reference" || before=$SAID
    # Equal layers are not enough: their configuration may be another one.
    [ "$before" != "$id" ] || end already
    feed "$@" | bounded 3600 docker load >"$job/words" 2>&1
    load_status=$?
    load_cat=
    read -r load_cat <"$job/cat-status"
    case $load_cat:$(cat "$job/cat-errors") in
        # docker may have known enough before the end, or have failed before.
        0:* | 141:* | *'Broken pipe'*) ;;
        *) fail "the staged parts could not be read (status $load_cat)" "$job/cat-errors" ;;
    esac
    case $load_status in
        0) ;;
        124 | 143) end failed 'docker load did not end within an hour' ;;
        *) fail 'docker load' "$job/words" ;;
    esac
    if ! verify; then
        put_back
        end failed "docker load reported success, yet $WRONG: $(words "$job/words")"
    fi
    end changed "$(words "$job/words")"
}

pull() {
    source=$1
    if ask '{{.Id}}' "$source"; then
        id=$SAID
        ! ask '{{.Id}}' "$reference" || [ "$SAID" != "$id" ] || end already
    fi
    bounded 3600 docker pull "$source" >"$job/words" 2>&1
    case $? in
        0) ;;
        124 | 143) end failed "docker pull $source did not end within an hour" ;;
        *) fail "docker pull $source" "$job/words" ;;
    esac
    ask '{{.Id}}' "$source" || end failed "docker pull reported success, yet there is no $source: $(words "$job/words")"
    id=$SAID
    # A digest is a name already, and cannot be given.
    case $reference in
        *@*) ;;
        *) name "$id" || fail "docker tag $id $reference" "$job/errors" ;;
    esac
    ask '{{.Id}}' "$reference" || SAID=nothing
    [ "$SAID" = "$id" ] || end failed "docker tag reported success, yet $reference is $SAID, not $id"
    end changed "$(words "$job/words")"
}

identity "$$" || end failed '/proc cannot be read'
printf '%s\n' "$IDENTITY" >"$job/process.new" && mv -f "$job/process.new" "$job/process"

# One at a time, whoever asks: the engine unpacks in one place. The janitor waits for it too.
command -v flock >/dev/null 2>&1 || end failed 'flock is not here; install util-linux'
exec 9>>"$ROOT/run/reconciler/images.lock"
lock_end=$(($(date +%s) + 840))
until flock -n 9; do
    [ "$(date +%s)" -lt "$lock_end" ] || end failed 'another load of ours held its lock for 14 min'
    sleep 1
done

trap 'end failed "it was stopped by a signal"' HUP INT TERM
case $mode in
    load)
        id=$1
        kind=$2
        layers=$3
        shift 3
        load "$@" 9>&-
        ;;
    pull) pull "$1" 9>&- ;;
esac
