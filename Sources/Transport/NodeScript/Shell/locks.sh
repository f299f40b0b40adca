# shellcheck shell=sh disable=SC2034,SC2154 # ROOT and job are the script's that this stands before.
# What detached scripts share that call the package manager: their turn, and waiting for others who use it.

LC_ALL=C
DEBIAN_FRONTEND=noninteractive
# needrestart hangs on apt and restarts whatever uses a library that came along; our services are restarted in their turns, and
# others' are not ours to restart.
NEEDRESTART_SUSPEND=1
NEEDRESTART_MODE=l
export LC_ALL DEBIAN_FRONTEND NEEDRESTART_SUSPEND NEEDRESTART_MODE
umask 022

# Seconds that all waits for others' locks may take together.
patience=300

# words LINES: the last ones of the log that say something.
words() { grep -v '^[[:space:]]*$' "$job/log" | tail -n "$1"; }

# limited SECONDS PROGRAM ARGUMENT…; also called through attempt.
# shellcheck disable=SC2317
limited() {
    if command -v timeout >/dev/null 2>&1; then
        timeout "$@"
    else
        shift
        "$@"
    fi
}

# take_turn: says whose job this is, and waits for another of ours to end: two installations would undo each other's policy.
take_turn() {
    identity "$$" || end failed '/proc cannot be read'
    printf '%s\n' "$IDENTITY" >"$job/process.new" && mv -f "$job/process.new" "$job/process"
    IDENTITY=${IDENTITY% *}
    patience_end=$(($(date +%s) + patience))
    command -v flock >/dev/null 2>&1 || end failed 'flock is not here; install util-linux'
    exec 9>>"$ROOT/run/reconciler/packages.lock"
    until flock -n 9; do
        [ "$(date +%s)" -lt "$patience_end" ] ||
            end failed "another run works with the packages of this node for $patience s; run again when it has ended"
        sleep 1
    done
}

# kernel_lock_owner: sets OWNER to the process that the kernel knows to hold a lock of dpkg's or apt's.
kernel_lock_owner() {
    OWNER=
    for owner_file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
        owner_inode=$(stat -c %i "$ROOT$owner_file" 2>/dev/null) || continue
        # `1: POSIX  ADVISORY  WRITE PID MAJOR:MINOR:INODE START END` (proc(5)); one that waits has `->` before POSIX.
        while read -r _ owner_kind _ _ owner_pid owner_place _; do
            case $owner_kind:$owner_place in
                '->'*) continue ;;
                *:*:*:"$owner_inode") ;;
                *) continue ;;
            esac
            case $owner_pid in
                '' | 0 | *[!0-9]*) continue ;;
            esac
            OWNER=$owner_pid
            return 0
        done 2>/dev/null </proc/locks
    done
}

# lock_holder WORDS: sets HOLDER to who keeps the package manager from working, by its own words or the kernel's.
lock_holder() {
    OWNER=$(printf '%s\n' "$1" | sed -n -e 's/.*held by process \([0-9][0-9]*\).*/\1/p' \
        -e 's/.*running as pid \([0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$OWNER" ] || kernel_lock_owner
    HOLDER='another process'
    [ -n "$OWNER" ] || return 0
    holder_name=
    { read -r holder_name <"/proc/$OWNER/comm"; } 2>/dev/null || holder_name=
    HOLDER="process $OWNER${holder_name:+ ($holder_name)}"
}

# attempt COMMAND…: again while another process holds a lock of the package manager's, as long as patience lasts; ends the
# job where it does not.
attempt() {
    while :; do
        attempt_from=$(($(wc -c <"$job/log") + 1))
        "$@" && return 0
        attempt_status=$?
        attempt_words=$(tail -c "+$attempt_from" "$job/log")
        case $attempt_words in
            *'Could not get lock'* | *'Unable to lock'* | *'Unable to acquire the dpkg'* | *'is another process using it'*) ;;
            *'lock is locked by another process'* | *'holding the yum lock'* | *'Existing lock '*) ;;
            *) return "$attempt_status" ;;
        esac
        lock_holder "$attempt_words"
        [ "$(date +%s)" -lt "$patience_end" ] ||
            end failed "$HOLDER holds the package manager's lock for $patience s; run again when it has ended"
        echo "waiting for $HOLDER, who holds the package manager's lock"
        sleep 3
    done
}
