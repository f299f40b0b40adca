# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# The lease of the cluster and the record of what was applied. Changes go through one lock of the kernel's, which ends with
# the process that held it.

# locked: waits a bounded time for the lock on file descriptor 9.
locked() {
    command -v flock >/dev/null 2>&1 || failed 'flock is not here; install util-linux'
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        ! flock -n 9 2>/dev/null || return 0
        sleep 0.25
    done
    failed "/var/lib/reconciler/lock: held by another for 5 s"
}

state_directory() {
    record_words=$(mkdir -p "$STATE" 2>&1) || failed_words "$STATE" "$record_words"
    : >>"$STATE/lock" || failed "/var/lib/reconciler/lock: cannot be written"
}

# put_record FILE TEXT: atomically.
put_record() {
    new_temporary "$STATE"
    record_words=$(printf '%s\n' "$2" | dd of="$temporary" conv=fsync 2>&1 >/dev/null) ||
        failed_words "${1#"$ROOT"}" "${record_words%%"$newline"*}" # What follows are statistics.
    record_text=$(cat "$temporary")
    [ "$record_text" = "$2" ] || failed_words "${1#"$ROOT"}: was not written whole" "$record_words"
    chmod 644 "$temporary"
    record_words=$(mv -f "$temporary" "$1" 2>&1) || failed_words "${1#"$ROOT"}" "$record_words"
    temporary=
}

# read_lease: sets LEASE, HOLDER (its token) and EXPIRES.
read_lease() {
    LEASE=$(cat "$STATE/lease" 2>/dev/null)
    value_of token "$LEASE"
    HOLDER=$VALUE
    value_of expires "$LEASE"
    EXPIRES=$VALUE
    NOW=$(date +%s)
}

act_lease() {
    state_directory
    lease_act=$1
    shift
    (
        locked
        "lease_$lease_act" "$@"
    ) 9>>"$STATE/lock"
    exit $?
}

# lease_acquire TOKEN SECONDS USER HOST PID COMMAND
lease_acquire() {
    read_lease
    lease_since=$NOW
    if [ -e "$STATE/lease" ]; then
        case $EXPIRES in
            # Not one of ours to read: held until someone looks.
            '' | *[!0-9]*) conclude conflict "a lease that cannot be read: $LEASE" ;;
        esac
        if [ "$HOLDER" = "$1" ]; then
            value_of since "$LEASE"
            lease_since=${VALUE:-$NOW}
        elif [ "$EXPIRES" -gt "$NOW" ]; then
            conclude conflict "$LEASE"
        fi
    fi
    put_record "$STATE/lease" "token=$1
user=$3
host=$4
pid=$5
command=$6
since=$lease_since
expires=$((NOW + $2))"
    field detail "expires=$((NOW + $2))"
    conclude changed
}

# lease_renew TOKEN SECONDS
lease_renew() {
    read_lease
    [ -n "$HOLDER" ] || conclude conflict 'no lease'
    [ "$HOLDER" = "$1" ] || conclude conflict "$LEASE"
    put_record "$STATE/lease" "${LEASE%"${newline}expires="*}${newline}expires=$((NOW + $2))"
    field detail "expires=$((NOW + $2))"
    conclude changed
}

# lease_release TOKEN
lease_release() {
    [ -e "$STATE/lease" ] || conclude already
    read_lease
    [ "$HOLDER" = "$1" ] || conclude conflict "$LEASE"
    rm -f "$STATE/lease" || failed '/var/lib/reconciler/lease: cannot be removed'
    conclude changed
}

# act_record LINES: each `resource<TAB>digest<TAB>revision`; entries of the same resources are replaced.
act_record() {
    state_directory
    (
        locked
        record_new=$(printf '%s\n' "$1" | awk -v tail="	$RUN_ID	$(date +%s)" '{ print $0 tail }')
        if [ -e "$STATE/applied" ]; then
            record_text=$(
                printf '%s\n' "$record_new" |
                    awk -F '\t' 'FNR == NR { seen[$1] = 1; next } !($1 in seen)' - "$STATE/applied"
            ) || failed '/var/lib/reconciler/applied: cannot be read'
        else
            record_text=
        fi
        put_record "$STATE/applied" "${record_text:+$record_text$newline}$record_new"
        conclude changed
    ) 9>>"$STATE/lock"
    exit $?
}
