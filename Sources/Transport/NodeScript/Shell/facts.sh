# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# What a node can be asked. Nothing here writes.

fact_platform() {
    fact_release=$(cat "$ROOT/etc/os-release" 2>/dev/null || cat "$ROOT/usr/lib/os-release" 2>/dev/null)
    field release "$fact_release"
    [ -n "$fact_release" ] || field redhat "$(cat "$ROOT/etc/redhat-release" 2>/dev/null)"
    init_system
    field init "$INIT"
    if command -v apt-get >/dev/null 2>&1; then
        field packages apt
    elif command -v yum >/dev/null 2>&1; then
        field packages yum
    fi
    field hostname "$(uname -n)"
    field machine "$(uname -m)"
    # Apache's RPM reads another directory than Mesosphere's packages do.
    field agent "$(grep -oE '/etc/mesos-(slave|agent)' "$ROOT/usr/bin/mesos-init-wrapper" 2>/dev/null | head -n 1)"
    conclude found
}

# file_fields PATH: the fields of one file. Returns 1 where there is none, 2 where it cannot be told (WHY).
file_fields() {
    file_path=$1
    if ! resolve "$1"; then
        WHY="$1: too many levels of symbolic links"
        return 2
    fi
    file_real=$ROOT$RESOLVED
    file_content=
    file_digest=
    if missing "$file_real"; then
        [ "$LINKED" -eq 1 ] || return 1
        file_kind=dangling
        STAT=$(stat -c "$STAT_FORMAT" "$ROOT$1" 2>/dev/null) || STAT="777 ? ? 0 0 $RESOLVED"
    elif [ -n "$WHY" ]; then
        return 2
    else
        file_read || return 2
    fi
    field path "$1"
    field resolved "$RESOLVED"
    field kind "$file_kind"
    read_stat
    field mode "$MODE"
    field owner "$OWNER"
    field group "$GROUP"
    field size "$SIZE"
    field modified "$MODIFIED"
    field stamp "$STAMP"
    [ -z "$file_digest" ] || field digest "$file_digest"
    [ "$file_kind" != regular ] || [ -n "$file_digest" ] || field content "$file_content"
}

# Reads until nothing changed meanwhile, so that content, size and stamp are of one moment.
file_read() {
    for file_try in 1 2 3; do
        if ! stat_of "$file_real"; then
            WHY="$file_path: vanished while it was read"
            continue
        fi
        file_stat=$STAT
        if [ -d "$file_real" ]; then
            file_kind=directory
            return 0
        elif [ ! -f "$file_real" ]; then
            file_kind=other
            return 0
        fi
        file_kind=regular
        read_stat
        file_content=
        file_digest=
        if [ "$SIZE" -le "$WHOLE" ]; then
            if ! file_content=$(base64 <"$file_real" 2>/dev/null); then
                WHY="$file_path: cannot be read"
                return 1
            fi
        elif digest_of "$file_real"; then
            file_digest=$DIGEST
        else
            WHY="$file_path: cannot be read"
            return 1
        fi
        stat_of "$file_real" && [ "$STAT" = "$file_stat" ] && return 0
        WHY="$file_path: changed each of $file_try times it was read"
    done
    return 1
}

fact_file() {
    file_fields "$1"
    case $? in
        0) conclude found ;;
        1) conclude absent ;;
        *) unknown "$WHY" ;;
    esac
}

fact_directory() {
    resolve "$1" || unknown "$1: too many levels of symbolic links"
    if missing "$ROOT$RESOLVED"; then
        conclude absent
    fi
    [ -z "$WHY" ] || unknown "$WHY"
    [ -d "$ROOT$RESOLVED" ] || unknown "$1: is no directory"
    entries=0
    directory_entries "${1%/}" "$ROOT${RESOLVED%/}" "$2"
    conclude found
}

# directory_entries PATH REAL RECURSIVE. The wrappers skip dotfiles, and so does this.
directory_entries() {
    { [ -r "$2" ] && [ -x "$2" ]; } || unknown "$1: cannot be listed"
    for directory_entry in "$2"/*; do
        [ -e "$directory_entry" ] || [ -L "$directory_entry" ] || continue
        entries=$((entries + 1))
        [ "$entries" -le 4096 ] || unknown "$1: more than 4096 entries"
        directory_name=${directory_entry##*/}
        file_fields "$1/$directory_name"
        [ $? -ne 2 ] || unknown "$WHY"
        if [ "$3" = recursive ] && [ -d "$directory_entry" ] && [ ! -L "$directory_entry" ]; then
            directory_entries "$1/$directory_name" "$directory_entry" "$3"
        fi
    done
}

fact_package() {
    if command -v dpkg-query >/dev/null 2>&1; then
        package_dpkg "$1"
    elif command -v rpm >/dev/null 2>&1; then
        package_rpm "$1"
    else
        unknown 'neither dpkg-query nor rpm is here'
    fi
    conclude found
}

package_dpkg() {
    package_words=$(dpkg-query -W -f '${Status}|${Version}\n' "$1" 2>&1)
    package_status=$?
    case $package_status:$package_words in
        0:*) ;;
        1:*'no packages found'* | 1:*'No packages found'*) package_words= ;;
        *)
            last_line "$package_words"
            unknown "dpkg-query: $LINE"
            ;;
    esac
    if package_policy=$(bounded 30 apt-cache policy "$1" 2>&1); then
        package_offered=$(
            printf '%s\n' "$package_policy" | sed -n 's/^  Candidate: //p'
            bounded 30 apt-cache madison "$1" 2>/dev/null | cut -d '|' -f 2
        ) || :
    else
        # What is offered is not known then; what is installed is.
        last_line "$package_policy"
        [ -n "$package_words" ] || unknown "apt-cache: ${LINE:-no answer within 30 s}"
        package_offered=
    fi
    [ -n "$package_words" ] || case $package_offered in
        '' | '(none)') conclude absent ;;
    esac
    field dpkg "$package_words"
    field offered "$package_offered"
}

package_rpm() {
    if package_words=$("$(path_of rpm)" -q --qf '%{EPOCH}:%{VERSION}-%{RELEASE}\n' "$1" 2>&1); then
        field rpm "$package_words"
        package_here=1
    else
        case $package_words in
            *'is not installed'*) package_here=0 ;;
            *)
                last_line "$package_words"
                unknown "rpm: $LINE"
                ;;
        esac
    fi
    # Where somebody else uses yum it would wait for ever (yum.conf(5), exit_on_lock); what it did not say is not known.
    # versionlock leaves the other versions of a locked package out of every list.
    package_offered=$(bounded 60 yum -q --setopt=exit_on_lock=1 --disableplugin=versionlock --showduplicates \
        list available "$1" 2>&1) ||
        case $package_offered in
            *'No matching Packages'*) package_offered= ;;
            *) unknown_of_yum "$package_offered" ;;
        esac
    [ "$package_here" -eq 1 ] || [ -n "$package_offered" ] || conclude absent
    field yum "$package_offered"
    if package_locks=$(bounded 60 yum -q --setopt=exit_on_lock=1 versionlock list 2>&1); then
        field locks "$package_locks"
    else
        case $package_locks in
            *'o such command'*) field unlockable 'yum has no versionlock here; install yum-plugin-versionlock' ;;
            *) unknown_of_yum "$package_locks" ;;
        esac
    fi
}

# unknown_of_yum WORDS
unknown_of_yum() {
    last_line "$1"
    unknown "yum: ${LINE:-no answer within 60 s}"
}

fact_flags() {
    flags_program=$1
    case $1 in
        /*)
            resolve "$1" || unknown "$1: too many levels of symbolic links"
            flags_program=$ROOT$RESOLVED
            if missing "$flags_program"; then
                conclude absent
            fi
            ;;
        *) command -v "$1" >/dev/null 2>&1 || conclude absent ;;
    esac
    flags_text=$(bounded 20 "$flags_program" --help 2>&1)
    flags_status=$?
    flags_names=$(
        printf '%s\n' "$flags_text" |
            sed -n 's/^ *\(-[A-Za-z], *\)\{0,1\}--\(\[no-*\]\)\{0,1\}\([A-Za-z0-9_][A-Za-z0-9_.-]*\).*/\3/p'
    )
    if [ -z "$flags_names" ]; then
        last_line "$flags_text"
        unknown "$1 --help named no flag (status $flags_status): $LINE"
    fi
    field names "$flags_names"
    conclude found
}

LOOKED_UP=

# resolve_ahead NAME…: looks all of them up at once, so that a name server which is silent costs the time of one.
resolve_ahead() {
    command -v getent >/dev/null 2>&1 || return 0
    LOOKED_UP=$(
        for resolve_name in "$@"; do
            (
                resolve_words=$(bounded 10 getent ahosts "$resolve_name" 2>&1)
                resolve_status=$?
                # One short write each: a pipe keeps those whole.
                resolve_words=$(printf '%s' "$resolve_words" | head -c 2000 | tr '\n' '|')
                printf '%s=%s %s\n' "$resolve_name" "$resolve_status" "$resolve_words"
            ) &
        done
        wait
    )
}

fact_resolve() {
    command -v getent >/dev/null 2>&1 || unknown 'getent is not here'
    value_of "$1" "$LOOKED_UP"
    if [ -n "$VALUE" ]; then
        resolve_status=${VALUE%% *}
        resolve_words=$(printf '%s' "${VALUE#* }" | tr '|' '\n')
    else
        resolve_words=$(bounded 10 getent ahosts "$1" 2>&1)
        resolve_status=$?
    fi
    case $resolve_status in
        0) ;;
        2) conclude absent ;;
        124 | 143) unknown "getent ahosts $1: no answer within 10 s" ;;
        *) unknown "getent ahosts $1: status $resolve_status $resolve_words" ;;
    esac
    field addresses "$resolve_words"
    conclude found
}

fact_disk() {
    resolve "$1" || unknown "$1: too many levels of symbolic links"
    disk_path=$RESOLVED
    while [ ! -e "$ROOT$disk_path" ] && [ -n "$disk_path" ]; do
        disk_path=${disk_path%/*}
    done
    disk_words=$(bounded 10 df -Pk "$ROOT$disk_path/" 2>&1) || {
        last_line "$disk_words"
        unknown "df: $LINE"
    }
    last_line "$disk_words"
    field df "$LINE"
    conclude found
}

fact_clock() {
    field seconds "$(date +%s.%N)"
    conclude found
}

fact_docker() {
    command -v docker >/dev/null 2>&1 || conclude absent
    engine_version || unknown "$LINE"
    field version "$VERSION"
    conclude found
}

# state_file NAME: the text of one of the product's own files.
state_file() {
    if missing "$STATE/$1"; then
        conclude absent
    fi
    [ -z "$WHY" ] || unknown "$WHY"
    state_text=$(base64 <"$STATE/$1" 2>/dev/null) || unknown "/var/lib/reconciler/$1: cannot be read"
    field content "$state_text"
}

fact_lease() {
    state_file lease
    field seconds "$(date +%s)"
    conclude found
}

fact_applied() {
    state_file applied
    conclude found
}
