# shellcheck shell=sh
# A node's directory of parts: DIGEST.part while a part grows, DIGEST once it was checked. Said are lines; the bytes of parts
# come on standard input.

# last_words TEXT: prints what counts of a program's complaints, on one line.
last_words() {
    printf '%s\n' "$1" | awk '
        /No space left|quota exceeded/ { full = $0 }
        /[^ ]/ { last = $0 }
        END { print substr(full ? full : last, 1, 200) }'
}

# fail KIND WORDS: says why it goes no further.
fail() {
    printf 'fail %s %s\n' "$1" "$2"
    exit 0
}

# fail_words TEXT: likewise, in the words of the program that failed.
fail_words() {
    fail_line=$(last_words "$1")
    case $fail_line in
        *'No space left'* | *'quota exceeded'*) fail full "$fail_line" ;;
        *'ermission denied'*) fail permission "$fail_line" ;;
        *) fail other "$fail_line" ;;
    esac
}

# enter DIRECTORY
enter() {
    [ -d "$1" ] || fail cleared "$1 is not there"
    cd "$1" 2>/dev/null || fail permission "$1 is closed to this user"
    command -v flock >/dev/null 2>&1 || fail other 'flock is not here; install util-linux'
}

# hold DIGEST: its growing file belongs to this shell alone. Where a connection broke, whoever wrote before may not know it
# yet: then he is left with a file that nobody reads.
hold() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        exec 9>>"$1.part"
        ! flock -n 9 2>/dev/null || return 0
        sleep 0.25
    done
    rm -f "$1.part"
    exec 9>>"$1.part"
    flock -n 9 2>/dev/null || fail other "$1.part is being written by another"
}

# begin DIGEST TOTAL: says what is there and sets LEFT; fails where nothing is to come.
begin() {
    # What a crash left shorter than it was is none.
    [ ! -f "$1" ] || [ "$(stat -c %s "$1")" -eq "$2" ] || rm -f "$1"
    if [ ! -f "$1" ]; then
        begin_words=$(: 2>&1 >>"$1.part") || fail_words "$begin_words"
        hold "$1"
    fi
    if [ -f "$1" ]; then
        touch "$1"
        printf 'have %s\n' "$1"
        return 1
    fi
    begin_size=$(stat -c %s "$1.part") || fail other "$1.part cannot be read"
    if [ "$begin_size" -gt "$2" ]; then
        : >"$1.part"
        begin_size=0
    fi
    printf 'at %s\n' "$begin_size"
    LEFT=$(($2 - begin_size))
    AT=$begin_size
}

# settle DIGEST TOTAL: checks what has come and gives it its name.
settle() {
    settle_size=$(stat -c %s "$1.part") || fail cleared "$1.part is gone"
    if [ "$settle_size" -ne "$2" ]; then
        printf 'short %s\n' "$settle_size"
        exit 0
    fi
    printf 'checking\n'
    settle_sum=$(sha256sum <"$1.part")
    if [ "${settle_sum%% *}" != "$1" ]; then
        rm -f "$1.part"
        printf 'damaged\n'
        exit 0
    fi
    settle_words=$(mv -f "$1.part" "$1" 2>&1) || fail_words "$settle_words"
    exec 9>&-
    printf 'whole\n'
}

# receive DIGEST TOTAL: of standard input exactly what is missing, so that more can follow.
receive() {
    begin "$1" "$2" || return 0
    if [ "$LEFT" -gt 0 ]; then
        receive_words=$(dd bs=1 count="$LEFT" 2>&1 >>"$1.part") || fail_words "$receive_words"
    fi
    settle "$1" "$2"
}

# receive_last DIGEST TOTAL: all that standard input still has.
receive_last() {
    begin "$1" "$2" || return 0
    receive_words=$(cat 2>&1 >>"$1.part") || fail_words "$receive_words"
    settle "$1" "$2"
}

# take_key NAME BYTES KNOWN_HOSTS: a feeder's key comes on standard input and stays for as long as this shell.
take_key() {
    fetcher=
    key=.key-$1
    known=.known-$1
    words=.words-$1
    trap '[ -z "$fetcher" ] || kill "$fetcher" 2>/dev/null; rm -f "$key" "$known" "$words"' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    key_words=$(dd bs=1 count="$2" 2>&1 >"$key") || fail_words "$key_words"
    printf '%s\n' "$3" >"$known" || fail other "$known cannot be written"
}

# fetch DIGEST TOTAL USER ADDRESS PORT: from the node that feeds; says now and then how far it is.
fetch() {
    begin "$1" "$2" || return 0
    ssh -F /dev/null -T -i "$key" -o IdentitiesOnly=yes -o IdentityAgent=none -o BatchMode=yes \
        -o UserKnownHostsFile="$known" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
        -o HostKeyAlias=feeder -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \
        -o LogLevel=ERROR -l "$3" -p "$5" -- "$4" "$1 $AT" </dev/null >>"$1.part" 2>"$words" &
    fetcher=$!
    while kill -0 "$fetcher" 2>/dev/null; do
        sleep 0.2
        printf 'at %s\n' "$(stat -c %s "$1.part")"
    done
    wait "$fetcher"
    fetch_status=$?
    fetcher=
    if [ "$fetch_status" -ne 0 ]; then
        fetch_line=$(last_words "$(cat "$words")")
        case $fetch_line in
            *'No space left'*) fail full "$fetch_line" ;;
            *) fail feeder "${fetch_line:-ssh ended with status $fetch_status}" ;;
        esac
    fi
    settle "$1" "$2"
}
