# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Writing and removing files, and keeping what running processes read.

failed() { conclude failed "$1"; }

# act FUNCTION ARGUMENT…: answer, and no further action where it did not succeed.
act() {
    [ "$stopped" -eq 0 ] || return 0
    answer "$@" || stopped=1
}

stopped=0

# private_directory PATH: made with its parents, readable by its owner only.
private_directory() {
    (umask 077 && mkdir -p "$1") 2>/dev/null || failed "$1: cannot be made: $(mkdir -p "$1" 2>&1)"
}

# expectation KIND VALUE FILE: whether FILE still is what was observed; else FOUND says what is there, without its content.
expectation() {
    if [ ! -e "$3" ]; then
        FOUND='no file'
        [ "$1" = absent ]
        return
    fi
    if [ ! -f "$3" ]; then
        FOUND='no regular file'
        return 1
    fi
    if ! stat_of "$3"; then
        FOUND='a file that vanishes'
        return 1
    fi
    read_stat
    FOUND="another content: $SIZE bytes, modified at $MODIFIED"
    case $1 in
        digest) digest_of "$3" && [ "$DIGEST" = "$2" ] ;;
        stamp) [ "$STAMP" = "$2" ] ;;
        *)
            FOUND="a file: $SIZE bytes, modified at $MODIFIED"
            return 1
            ;;
    esac
}

# backup FILE PATH: a copy under the run's own directory; sets BACKUP. An earlier one of the same run is kept beside it.
backup() {
    private_directory "$STATE/backup/$RUN_ID"
    BACKUP=$STATE/backup/$RUN_ID$2
    private_directory "${BACKUP%/*}"
    backup_number=1
    while [ -e "$BACKUP" ]; do
        backup_number=$((backup_number + 1))
        BACKUP=$STATE/backup/$RUN_ID$2~$backup_number
    done
    backup_words=$(cp -p "$1" "$BACKUP" 2>&1) || {
        rm -f "$BACKUP"
        failed_words "$2: no backup could be made, nothing was changed" "$backup_words"
    }
    BACKUP=${BACKUP#"$ROOT"}
}

# failed_words WHAT WORDS: names a full disk as such.
failed_words() {
    last_line "$2"
    case $2 in
        *'No space left on device'* | *'Disk quota exceeded'*) failed "$1: disk full: $LINE; make room and run again" ;;
        *) failed "$1: $LINE" ;;
    esac
}

temporary=
discard_temporary() { [ -z "$temporary" ] || rm -f "$temporary"; }

# new_temporary DIRECTORY: sets temporary, an empty file of ours alone; those that dead runs left there are removed.
new_temporary() {
    for temporary_old in "$1"/.reconciler-*; do
        [ -f "$temporary_old" ] || continue
        process "${temporary_old##*-}" || rm -f "$temporary_old"
    done
    temporary=$1/.reconciler-$RUN_ID-$$
    trap discard_temporary EXIT
    trap 'discard_temporary; trap - EXIT; exit 143' HUP INT TERM PIPE
    rm -f "$temporary"
    temporary_words=$( (umask 077 && set -C && : >"$temporary") 2>&1) ||
        failed_words "${1#"$ROOT"}: cannot be written" "$temporary_words"
}

# fill_temporary BYTES CONTENT (as printf's %b reads it)
fill_temporary() {
    fill_words=$(printf %b "$2" | dd of="$temporary" bs=65536 conv=fsync 2>&1 >/dev/null)
    fill_status=$?
    case $fill_words in
        *'No space left on device'* | *'Disk quota exceeded'*)
            failed "${temporary%/*}: disk full: $1 bytes could not be written; make room and run again"
            ;;
    esac
    fill_size=$(wc -c <"$temporary") || fill_size=-1
    if [ "$fill_status" -ne 0 ] || [ "$fill_size" -ne "$1" ]; then
        # What follows dd's own words are statistics.
        last_line "${fill_words%%"$newline"*}"
        failed "${temporary%/*}: $fill_size of $1 bytes were written (status $fill_status): $LINE"
    fi
}

# act_write PATH MODE OWNER GROUP EXPECTED VALUE NEW-MODE BYTES CONTENT SERVICE…
# Empty MODE, OWNER, GROUP keep what is there; NEW-MODE is that of a new file.
act_write() {
    resolve "$1" || failed "$1: too many levels of symbolic links"
    write_path=$RESOLVED
    write_file=$ROOT$RESOLVED
    [ ! -d "$write_file" ] || conclude conflict "$1: a directory"
    write_directory=${write_file%/*}
    write_words=$(mkdir -p "$write_directory" 2>&1) || failed_words "${write_directory#"$ROOT"}" "$write_words"

    new_temporary "$write_directory"
    fill_temporary "$8" "$9"
    write_attributes "$2" "$3" "$4" "$7"

    if [ -f "$write_file" ] && write_same; then
        if [ "$(stat -c '%a %U %G' "$write_file")" = "$(stat -c '%a %U %G' "$temporary")" ]; then
            conclude already
        fi
    elif ! expectation "$5" "$6" "$write_file"; then
        conclude conflict "$1: $FOUND"
    fi

    BACKUP=
    if [ -f "$write_file" ]; then
        write_expected="$5 $6"
        write_asked=$1
        backup "$write_file" "$write_path"
        keep_read "$write_file" "$@"
        # What was there may have changed while it was kept; unless it is the content wanted, compare again.
        if ! write_same && ! expectation "${write_expected%% *}" "${write_expected#* }" "$write_file"; then
            conclude conflict "$write_asked: $FOUND"
        fi
        write_words=$(mv -f "$temporary" "$write_file" 2>&1) || failed_words "$1" "$write_words"
    elif ! write_words=$(ln "$temporary" "$write_file" 2>&1); then
        [ ! -e "$write_file" ] || conclude conflict "$1: a file that was made meanwhile"
        # A file system without hard links.
        write_words=$(mv -f "$temporary" "$write_file" 2>&1) || failed_words "$1" "$write_words"
    else
        rm -f "$temporary"
    fi
    temporary=
    ! command -v restorecon >/dev/null 2>&1 || restorecon "$write_file" >/dev/null 2>&1
    field detail "${BACKUP:+backup $BACKUP}"
    conclude changed
}

write_same() {
    digest_of "$temporary" || return 1
    write_digest=$DIGEST
    digest_of "$write_file" && [ "$DIGEST" = "$write_digest" ]
}

# write_attributes MODE OWNER GROUP NEW-MODE: of the temporary file, before anyone can see it under its name.
write_attributes() {
    attributes_mode=${1:-$4}
    attributes_owner=$2
    attributes_group=$3
    if [ -f "$write_file" ]; then
        attributes_old=$(stat -c '%a %u %g' "$write_file") || failed "$write_path: cannot be read"
        attributes_mode=${1:-${attributes_old%% *}}
        attributes_old=${attributes_old#* }
        attributes_owner=${2:-${attributes_old%% *}}
        attributes_group=${3:-${attributes_old#* }}
    fi
    if [ -n "$attributes_owner$attributes_group" ]; then
        write_words=$(chown "$attributes_owner${attributes_group:+:$attributes_group}" "$temporary" 2>&1) ||
            failed_words "$write_path: owner cannot be set" "$write_words"
    fi
    write_words=$(chmod "$attributes_mode" "$temporary" 2>&1) ||
        failed_words "$write_path: mode cannot be set" "$write_words"
}

# keep_read FILE PATH … (act_write's arguments): before FILE is replaced, those services whose process may have read it as
# it stands keep a copy, unless one is kept already.
keep_read() {
    keep_file=$1
    keep_path=$2
    shift 10
    keep_for_services "$@"
}

keep_for_services() {
    stat_of "$keep_file" || return 0
    read_stat
    keep_modified=$MODIFIED
    [ "$SIZE" -le "$WHOLE" ] || return 0
    for keep_service in "$@"; do
        service_state "$keep_service" || continue
        started "$MAIN" || continue
        [ "$STARTED" -ge "$keep_modified" ] || continue
        copies_open "$keep_service" "$MAIN" || continue
        [ ! -e "$COPIES/files$keep_path" ] || continue
        copy_keep "$keep_file" "$keep_path" || failed "$keep_path: no copy could be kept for $keep_service, nothing was changed"
        copies_close
    done
}

# copies_open SERVICE PID: sets COPIES, the place of the copies of this very process; those of an earlier one go.
copies_open() {
    COPIES=$STATE/running/$1
    if ! copies_valid "$1" "$2"; then
        identity "$2" || return 1
        rm -rf "$COPIES"
    fi
    private_directory "$COPIES/files"
}

# copy_keep FILE PATH
copy_keep() {
    case $2 in
        */../* | */..) return 1 ;;
    esac
    copy_target=$COPIES/files$2
    private_directory "${copy_target%/*}"
    if (umask 077 && cat "$1" >"$COPIES/new" && mv -f "$COPIES/new" "$copy_target") 2>/dev/null; then
        return 0
    fi
    rm -f "$COPIES/new"
    return 1
}

# Last, so that a set that was not finished counts for nothing.
copies_close() {
    [ -e "$COPIES/process" ] || (umask 077 && printf '%s\n' "$IDENTITY" >"$COPIES/new" && mv -f "$COPIES/new" "$COPIES/process")
}

# act_remove PATH EXPECTED VALUE SERVICE…: a link itself goes, not what it leads to.
act_remove() {
    resolve "$1" || failed "$1: too many levels of symbolic links"
    remove_file=$ROOT$RESOLVED
    remove_linked=$LINKED
    resolve "${1%/*}" || failed "$1: too many levels of symbolic links"
    remove_entry=$ROOT$RESOLVED/${1##*/}
    if missing "$remove_file" && [ "$remove_linked" -eq 0 ]; then
        conclude already
    fi
    [ -z "$WHY" ] || failed "$WHY"
    expectation "$2" "$3" "$remove_file" || conclude conflict "$1: $FOUND"
    BACKUP=
    if [ -e "$remove_file" ]; then
        backup "$remove_file" "$1"
        keep_file=$remove_file
        keep_path=$1
        remove_expected=$2
        remove_value=$3
        remove_path=$1
        shift 3
        keep_for_services "$@"
        expectation "$remove_expected" "$remove_value" "$remove_file" || conclude conflict "$remove_path: $FOUND"
    fi
    remove_words=$(rm -f "$remove_entry" 2>&1) || failed_words "$remove_entry" "$remove_words"
    field detail "${BACKUP:+backup $BACKUP}"
    conclude changed
}

# act_keep SERVICE PATH…: the files as the process read them at its start, or at its last reload by us.
act_keep() {
    keep_service=$1
    shift
    service_state "$keep_service" || failed "$WHY"
    [ -n "$MAIN" ] || failed "$keep_service: no main process can be told ($DETAIL), so no copies are kept"
    started "$MAIN" || failed "$keep_service: process $MAIN went away"
    keep_started=$STARTED
    keep_changed=0
    copies_open "$keep_service" "$MAIN" || failed "$keep_service: process $MAIN went away"
    keep_identity=$IDENTITY
    { read -r keep_reloaded <"$COPIES/reloaded"; } 2>/dev/null && keep_started=$keep_reloaded
    for keep_path in "$@"; do
        resolve "$keep_path" || failed "$keep_path: too many levels of symbolic links"
        keep_file=$ROOT$RESOLVED
        [ -f "$keep_file" ] || continue
        if [ -e "$COPIES/files$keep_path" ]; then
            continue
        fi
        stat_of "$keep_file" || failed "$keep_path: cannot be read"
        read_stat
        [ "$SIZE" -le "$WHOLE" ] || failed "$keep_path: larger than $WHOLE bytes, so no copy is kept"
        # A second more: the start is only known to the second.
        [ "$MODIFIED" -le $((keep_started + 1)) ] ||
            failed "$keep_path: modified after $keep_service started, so it may not be what the process read"
        copy_keep "$keep_file" "$keep_path" || failed "$keep_path: no copy could be kept"
        keep_changed=1
    done
    if ! identity "$MAIN" || [ "$IDENTITY" != "$keep_identity" ]; then
        failed "$keep_service: process $MAIN went away"
    fi
    copies_close || failed "$COPIES: cannot be written"
    [ "$keep_changed" -eq 1 ] || conclude already
    field detail "process $MAIN"
    conclude changed
}
