# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Framing, paths and processes. Every answer is computed in a subshell and sent as one length-framed record, so a function
# may end its answer at any point with `exit`, and its variables are its own.

# Lengths are counted in bytes, messages are English, times are UTC, whatever the user's profile says.
LC_ALL=C
TZ=UTC0
export LC_ALL TZ
umask 022
IFS=' 	
'

newline='
'
STATE=$ROOT/var/lib/reconciler
RUNTIME=$ROOT/run/reconciler
# Content up to this many bytes travels whole.
WHOLE=65536
STAT_FORMAT='%a %U %G %s %Y %d:%i:%s:%y:%z'

if command -v timeout >/dev/null 2>&1; then
    # bounded SECONDS PROGRAM ARGUMENT…
    bounded() { timeout "$@"; }
else
    bounded() {
        shift
        "$@"
    }
fi

begin() { printf '\nreconciler %s begin\n' "$NONCE"; }

finish() { printf 'reconciler %s end %d\n' "$NONCE" "$answered"; }

answered=0

# answer FUNCTION ARGUMENT…: its fields as one record; returns its status.
answer() {
    answer_text=$("$@")
    answer_status=$?
    printf 'A %d %d %d\n%s\n' "$answered" "$answer_status" "${#answer_text}" "$answer_text"
    answered=$((answered + 1))
    return "$answer_status"
}

# field NAME VALUE
field() { printf 'F %s %d\n%s\n' "$1" "${#2}" "$2"; }

# conclude KIND [REASON]: ends the answer. Success means that the next action may follow.
conclude() {
    [ $# -lt 2 ] || field reason "$2"
    printf 'K %s\n' "$1"
    case $1 in
        unknown | failed | conflict | pending) exit 3 ;;
        *) exit 0 ;;
    esac
}

unknown() { conclude unknown "$1"; }

# path_of PROGRAM: where it is; a shell with commands of its own (busybox) may have another one of that name.
path_of() {
    (
        IFS=:
        for path_directory in $PATH; do
            [ -x "$path_directory/$1" ] || continue
            printf %s "$path_directory/$1"
            exit 0
        done
        printf %s "$1"
    )
}

# last_line TEXT: sets LINE, the last line that says something.
last_line() {
    LINE=
    last_line_rest=$1$newline
    while [ -n "$last_line_rest" ]; do
        case ${last_line_rest%%"$newline"*} in
            *[![:space:]]*) LINE=${last_line_rest%%"$newline"*} ;;
        esac
        last_line_rest=${last_line_rest#*"$newline"}
    done
}

# value_of KEY TEXT: sets VALUE to what follows `KEY=` at the start of a line of TEXT, else to nothing.
value_of() {
    VALUE=
    case $newline$2 in
        *"$newline$1="*)
            VALUE=$newline$2
            VALUE=${VALUE#*"$newline$1="}
            VALUE=${VALUE%%"$newline"*}
            ;;
    esac
}

# resolve PATH: sets RESOLVED to PATH after all links as seen from the root, and LINKED to 1 where PATH itself is a link.
# Not `readlink -f`, which knows nothing of a scratch root.
resolve() {
    resolve_rest=$1
    resolve_links=0
    RESOLVED=
    LINKED=0
    while [ -n "$resolve_rest" ]; do
        resolve_head=${resolve_rest%%/*}
        case $resolve_rest in
            */*) resolve_rest=${resolve_rest#*/} ;;
            *) resolve_rest= ;;
        esac
        case $resolve_head in
            '' | .) continue ;;
            ..)
                RESOLVED=${RESOLVED%/*}
                continue
                ;;
        esac
        if [ ! -L "$ROOT$RESOLVED/$resolve_head" ]; then
            RESOLVED=$RESOLVED/$resolve_head
            continue
        fi
        [ -n "$resolve_rest" ] || LINKED=1
        resolve_links=$((resolve_links + 1))
        [ "$resolve_links" -le 40 ] || return 1
        resolve_target=$(readlink "$ROOT$RESOLVED/$resolve_head" && printf .) || return 1
        resolve_target=${resolve_target%"$newline".}
        case $resolve_target in
            /*) RESOLVED= ;;
        esac
        resolve_rest=$resolve_target/$resolve_rest
    done
    [ -n "$RESOLVED" ] || RESOLVED=/
}

# missing FILE: whether it surely is not there; sets WHY where that cannot be told (a closed directory, an I/O error).
missing() {
    WHY=
    ! missing_words=$(stat "$1" 2>&1 >/dev/null) || return 1
    case $missing_words in
        *'No such file or directory'* | *'Not a directory'*) return 0 ;;
    esac
    last_line "$missing_words"
    WHY=$LINE
    return 1
}

# digest_of FILE: sets DIGEST.
digest_of() {
    DIGEST=$(sha256sum <"$1" 2>/dev/null) || return 1
    DIGEST=${DIGEST%% *}
    [ "${#DIGEST}" -eq 64 ]
}

stat_of() { STAT=$(stat -c "$STAT_FORMAT" "$1" 2>/dev/null); }

# Splits STAT; the stamp holds spaces of its own.
read_stat() {
    MODE=${STAT%% *}
    read_stat_rest=${STAT#* }
    OWNER=${read_stat_rest%% *}
    read_stat_rest=${read_stat_rest#* }
    GROUP=${read_stat_rest%% *}
    read_stat_rest=${read_stat_rest#* }
    SIZE=${read_stat_rest%% *}
    read_stat_rest=${read_stat_rest#* }
    MODIFIED=${read_stat_rest%% *}
    STAMP=${read_stat_rest#* }
}

# process PID: sets TICKS (its start, in ticks since boot) and PARENT; fails where there is no such living process.
process() {
    case $1 in
        '' | 0 | *[!0-9]*) return 1 ;;
    esac
    { read -r process_line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # The name in parentheses may hold anything, parentheses and spaces too.
    # shellcheck disable=SC2086
    set -- ${process_line##*') '}
    [ $# -ge 20 ] || return 1
    case $1 in
        Z | X | x) return 1 ;;
    esac
    PARENT=$2
    TICKS=${20}
}

# started PID: sets STARTED, seconds since 1970.
started() {
    process "$1" || return 1
    started_hertz=$(getconf CLK_TCK 2>/dev/null) || started_hertz=100
    STARTED=
    while read -r started_key started_value _; do
        if [ "$started_key" = btime ]; then
            STARTED=$((started_value + TICKS / started_hertz))
            break
        fi
    done </proc/stat
    [ -n "$STARTED" ]
}

# identity PID: sets IDENTITY, the same for as long as it is the same process.
identity() {
    process "$1" || return 1
    { read -r identity_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || identity_boot=-
    IDENTITY="$1 $TICKS $identity_boot"
}

# copies_valid SERVICE PID: whether the copies kept of SERVICE are those of this very process.
copies_valid() {
    copies_owner=
    { read -r copies_owner <"$STATE/running/$1/process"; } 2>/dev/null || return 1
    identity "$2" && [ "$copies_owner" = "$IDENTITY" ]
}
