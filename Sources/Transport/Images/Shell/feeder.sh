# shellcheck shell=sh
# The key of a feeder in the login user's authorized_keys; run as that user, who may become root with BECOME.

refuse() {
    printf 'fail other %s\n' "$1"
    exit 0
}

# keys_file FILE: sets FILE, after all links.
keys_file() {
    FILE=${1:-$HOME/.ssh/authorized_keys}
    [ ! -L "$FILE" ] || FILE=$(readlink -f "$FILE") || refuse "$1: a link that leads nowhere"
}

# alone: nobody else changes the file meanwhile, as long as he is one of us.
alone() {
    ! command -v flock >/dev/null 2>&1 || { exec 8<"${FILE%/*}" && flock 8; } 2>/dev/null
}

# authorise BECOME PARTS FILE ADDRESS MARKER PUBLIC_KEY SCRIPT HOST_KEYS
authorise() {
    keys_file "$3"
    # Written down before it is there: whoever clears the parts then knows where a key may be.
    # shellcheck disable=SC2016,SC2086 # $1 is another shell's; BECOME is words.
    record_words=$(printf '%s\n' "$7" | $1 sh -c '
        umask 077
        cd "$1" && cat >".feed.$3" && mv -f ".feed.$3" .feed || exit 1
        grep -q -x -F -e "$2" .feeds 2>/dev/null || printf "%s\n" "$2" >>.feeds
    ' sh "$2" "$FILE" "$5" 2>&1) || refuse "the directory of parts: $record_words"
    address=$4
    case $address in
        *[!0-9a-fA-F.:]*)
            address=$(getent ahosts "$4" | awk '!seen[$1]++ { list = list (list ? "," : "") $1 } END { print list }')
            [ -n "$address" ] || refuse "$4 does not resolve on the feeder"
            ;;
    esac
    # `restrict` is known from OpenSSH 7.2 on; before, an unknown word would make the whole line void.
    case $(ssh -V 2>&1) in
        OpenSSH_[1-6].* | OpenSSH_7.[01]*)
            restrict=no-port-forwarding,no-X11-forwarding,no-agent-forwarding,no-pty,no-user-rc
            ;;
        *) restrict=restrict ;;
    esac
    (
        umask 077
        mkdir -p "${FILE%/*}" || exit 1
        alone
        # Whoever revoked it meanwhile has taken the note away.
        # shellcheck disable=SC2086 # BECOME is words.
        $1 grep -q -x -F -e "$FILE" "$2/.feeds" || exit 1
        [ ! -s "$FILE" ] || [ -z "$(tail -c 1 "$FILE")" ] || printf '\n' >>"$FILE"
        printf '%s,from="%s",command="%s" %s %s\n' "$restrict" "$address" \
            "${1:+$1 }sh $2/.feed \\\"\$SSH_ORIGINAL_COMMAND\\\"" "$6" "$5" >>"$FILE"
    ) 2>/dev/null || refuse "$FILE cannot be written"
    printf 'user %s\n' "$(id -un)"
    # shellcheck disable=SC2086 # A pattern.
    cat $8 2>/dev/null | while read -r type blob _; do
        case $type in
            ssh-* | ecdsa-*) printf 'key %s %s\n' "$type" "$blob" ;;
        esac
    done
    printf 'done\n'
}

# revoke FILE MARKER
revoke() {
    keys_file "$1"
    if grep -a -q -e " $2\$" "$FILE" 2>/dev/null; then
        alone
        # Replaced whole or not at all: this is how people get in.
        cp -p "$FILE" "$FILE.$2" || {
            rm -f "$FILE.$2"
            refuse "${FILE%/*} cannot be written"
        }
        # As text, whatever is in it: with a NUL in it grep would print nothing.
        grep -a -v -e " $2\$" "$FILE" >"$FILE.$2"
        if [ $? -gt 1 ]; then
            rm -f "$FILE.$2"
            refuse "$FILE.$2 cannot be written"
        fi
        mv -f "$FILE.$2" "$FILE" || refuse "$FILE cannot be replaced"
    fi
    printf 'done\n'
}
