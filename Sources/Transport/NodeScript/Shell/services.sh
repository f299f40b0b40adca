# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# The state of services under systemd and upstart (mesos-zk-ops.md 1.5), and what their processes run with.

# init_system: sets INIT.
init_system() {
    if [ -d "$ROOT/run/systemd/system" ]; then
        INIT=systemd
    elif command -v initctl >/dev/null 2>&1 && bounded 5 initctl version 2>/dev/null | grep -q upstart; then
        INIT=upstart
    else
        INIT=
        { read -r INIT <"$ROOT/proc/1/comm"; } 2>/dev/null || INIT=unknown
        # PID 1 without the directory that tells a running systemd is none.
        [ "$INIT" != systemd ] || INIT='systemd that is not booted'
    fi
}

# service_state NAME: sets BOOT, RUN, MAIN (empty where it cannot be told or there is none), RESTARTS, DETAIL and SYSV, or
# fails with WHY.
service_state() {
    BOOT=unknown
    RUN=unknown
    MAIN=
    RESTARTS=
    DETAIL=
    SYSV=0
    init_system
    case $INIT in
        systemd) systemd_state "$1" ;;
        upstart) upstart_state "$1" ;;
        *)
            WHY="services under init system \`$INIT\` cannot be read; systemd and upstart can"
            return 1
            ;;
    esac
}

# unit_of NAME: sets UNIT.
unit_of() {
    case $1 in
        *.service | *.socket | *.timer | *.path | *.mount | *.target) UNIT=$1 ;;
        *) UNIT=$1.service ;;
    esac
}

# masked UNIT: whether its mask stands, also where there is no such unit.
masked() {
    [ -L "$ROOT/etc/systemd/system/$1" ] && [ "$(readlink "$ROOT/etc/systemd/system/$1")" = /dev/null ]
}

systemd_state() {
    unit_of "$1"
    systemd_text=$(
        bounded 20 systemctl show --no-pager -p LoadState -p UnitFileState -p ActiveState -p SubState -p Type -p MainPID \
            -p NRestarts -p Result -p ControlGroup -p SourcePath -p NeedDaemonReload "$UNIT" 2>&1
    )
    systemd_status=$?
    value_of LoadState "$systemd_text"
    LOAD=$VALUE
    value_of ActiveState "$systemd_text"
    ACTIVE=$VALUE
    if [ "$systemd_status" -ne 0 ] || [ -z "$LOAD" ] || [ -z "$ACTIVE" ]; then
        last_line "$systemd_text"
        WHY="systemctl show $UNIT: ${LINE:-no answer} (status $systemd_status)"
        return 1
    fi
    value_of SubState "$systemd_text"
    SUB=$VALUE
    value_of UnitFileState "$systemd_text"
    UNIT_FILE=$VALUE
    value_of NRestarts "$systemd_text"
    RESTARTS=$VALUE
    value_of Result "$systemd_text"
    RESULT=$VALUE
    value_of ControlGroup "$systemd_text"
    GROUP_PATH=$VALUE
    value_of NeedDaemonReload "$systemd_text"
    NEEDS_RELOAD=$VALUE
    value_of SourcePath "$systemd_text"
    case $VALUE in
        /etc/init.d/* | /etc/rc.d/init.d/*) SYSV=1 ;;
    esac
    value_of MainPID "$systemd_text"
    MAIN=$VALUE
    [ "$MAIN" != 0 ] || MAIN=
    DETAIL="$ACTIVE ($SUB)"
    systemd_boot "$1"
    systemd_run "$1"
}

systemd_boot() {
    if masked "$UNIT"; then
        BOOT=masked
        return
    fi
    case $LOAD in
        not-found)
            BOOT=none
            return
            ;;
    esac
    if [ "$SYSV" -eq 1 ]; then
        # The unit is generated from the script: what boot does is said by the links alone.
        BOOT=off
        for systemd_link in "$ROOT"/etc/rc[2345S].d/S[0-9][0-9]"$1"; do
            if [ -e "$systemd_link" ] || [ -L "$systemd_link" ]; then BOOT=on; fi
        done
        return
    fi
    case $UNIT_FILE in
        enabled | alias) BOOT=on ;;
        disabled) BOOT=off ;;
        masked-runtime | enabled-runtime | static | indirect | generated | transient | linked | linked-runtime)
            BOOT=off
            DETAIL="$DETAIL, $UNIT_FILE"
            ;;
        masked) BOOT=masked ;;
        *) DETAIL="$DETAIL, unit file state \`$UNIT_FILE\`" ;;
    esac
}

systemd_run() {
    case $ACTIVE in
        active | reloading | refreshing) RUN=running ;;
        inactive | maintenance) RUN=stopped ;;
        failed)
            RUN=failed
            DETAIL="failed (Result: $RESULT)"
            ;;
        activating)
            RUN=changing
            [ "$SUB" != auto-restart ] && [ "$SUB" != auto-restart-queued ] || RUN=restarting
            ;;
        deactivating) RUN=changing ;;
        *) RUN=unknown ;;
    esac
    [ "$RUN" = running ] && [ -z "$MAIN" ] || return 0
    main_of_group "$1"
    # A wrapped script stays `active (exited)` when its daemon is gone.
    if [ "$SYSV" -eq 1 ] && [ "$MEMBERS" -eq 0 ]; then
        RUN=stopped
        DETAIL="$DETAIL, no process is left"
    fi
    return 0
}

# main_of_group NAME: sets MEMBERS, the number of processes in the unit's control group, and MAIN, where it can be told: the
# only one whose parent is outside, else the one a pid file names.
main_of_group() {
    MEMBERS=0
    [ -n "$GROUP_PATH" ] && [ "$GROUP_PATH" != / ] || return 0
    group_members=' '
    group_candidates=$(grep -lF -- ":$GROUP_PATH" /proc/[0-9]*/cgroup 2>/dev/null) || :
    for group_file in $group_candidates; do
        group_pid=${group_file#/proc/}
        group_pid=${group_pid%/cgroup}
        group_text=$newline$(cat "$group_file" 2>/dev/null)$newline
        case $group_text in
            *":$GROUP_PATH$newline"* | *":$GROUP_PATH/"*) process "$group_pid" || continue ;;
            *) continue ;;
        esac
        group_members="$group_members$group_pid "
        MEMBERS=$((MEMBERS + 1))
    done
    group_roots=0
    for group_pid in $group_members; do
        process "$group_pid" || continue
        case $group_members in
            *" $PARENT "*) continue ;;
        esac
        group_roots=$((group_roots + 1))
        MAIN=$group_pid
    done
    [ "$group_roots" -gt 1 ] || return 0
    MAIN=
    for group_file in "$ROOT/run/$1.pid" "$ROOT/run/$1/$1.pid" "$ROOT/var/run/$1.pid" "$ROOT/var/run/$1/$1.pid"; do
        group_pid=
        { read -r group_pid <"$group_file"; } 2>/dev/null || [ -n "$group_pid" ] || continue
        case $group_members in
            *" $group_pid "*)
                MAIN=$group_pid
                return 0
                ;;
        esac
    done
    DETAIL="$DETAIL, $group_roots processes and no main one among them"
}

# manual FILE: whether the last word of an upstart file is that boot does not start it.
manual() {
    [ "$(sed -n 's/^[[:space:]]*\(manual\)[[:space:]]*\(#.*\)\{0,1\}$/\1/p; s/^[[:space:]]*\(start\)[[:space:]]on.*/\1/p' \
        "$1" 2>/dev/null | tail -n 1)" = manual ]
}

starts_at_boot() { grep -qE '^[[:space:]]*start[[:space:]]+on' "$@" 2>/dev/null; }

upstart_state() {
    upstart_conf=$ROOT/etc/init/$1.conf
    upstart_override=$ROOT/etc/init/$1.override
    upstart_text=$(bounded 10 initctl status "$1" 2>&1)
    upstart_status=$?
    case $upstart_status:$upstart_text in
        *'Unknown job'*)
            if [ -e "$ROOT/etc/init.d/$1" ]; then
                script_state "$1"
                return 0
            fi
            RUN=stopped
            BOOT=none
            ! manual "$upstart_override" || BOOT=masked
            DETAIL='unknown job'
            return 0
            ;;
        0:"$1 "*) ;;
        *)
            last_line "$upstart_text"
            WHY="initctl status $1: ${LINE:-no answer} (status $upstart_status)"
            return 1
            ;;
    esac
    upstart_line=${upstart_text%%"$newline"*}
    upstart_goal=${upstart_line#"$1 "}
    DETAIL=$upstart_goal
    case $upstart_goal in
        'start/running'*) RUN=running ;;
        'stop/waiting'*) RUN=stopped ;;
        *) RUN=changing ;;
    esac
    case $RUN:$upstart_goal in
        running:*', process '*) MAIN=${upstart_goal##*', process '} ;;
        running:*) DETAIL="$DETAIL, no process named" ;;
    esac
    if manual "$upstart_override"; then
        BOOT=off
    elif starts_at_boot "$upstart_override"; then
        BOOT=on
    elif starts_at_boot "$upstart_conf" && ! manual "$upstart_conf"; then
        BOOT=on
    else
        BOOT=off
    fi
}

# script_state NAME: of a System V script under upstart. What it says of itself cannot be trusted (with ENABLED=0 every verb
# of old ones ends well and does nothing), so its process is looked for: by its pid file, and by the program's name.
script_state() {
    SYSV=1
    RUN=stopped
    DETAIL='a script, not running'
    BOOT=off
    for script_link in "$ROOT"/etc/rc[2345].d/S[0-9][0-9]"$1"; do
        if [ -e "$script_link" ] || [ -L "$script_link" ]; then BOOT=on; fi
    done
    for script_file in "$ROOT/run/$1.pid" "$ROOT/run/$1/$1.pid" "$ROOT/var/run/$1.pid" "$ROOT/var/run/$1/$1.pid"; do
        script_pid=
        { read -r script_pid <"$script_file"; } 2>/dev/null || [ -n "$script_pid" ] || continue
        script_is "$script_pid" "$1" || continue
        MAIN=$script_pid
        RUN=running
        DETAIL="a script, process $MAIN"
        return 0
    done
    for script_file in /proc/[0-9]*/comm; do
        script_pid=${script_file#/proc/}
        script_is "${script_pid%/comm}" "$1" || continue
        RUN=unknown
        DETAIL="a script, and process ${script_pid%/comm} is not the one of its pid file"
        return 0
    done
}

# script_is PID NAME: whether that process runs a program of that name (15 bytes of it are kept).
script_is() {
    process "$1" || return 1
    script_name=
    { read -r script_name <"/proc/$1/comm"; } 2>/dev/null || return 1
    [ -n "$script_name" ] || return 1
    case $2 in
        "$script_name"*) [ "${#script_name}" -eq 15 ] || [ "$2" = "$script_name" ] ;;
        *) return 1 ;;
    esac
}

fact_service() {
    service_state "$1" || unknown "$WHY"
    if [ -n "$MAIN" ] && ! started "$MAIN"; then
        unknown "$1: process $MAIN went away while it was looked at"
    fi
    field boot "$BOOT"
    field run "$RUN"
    [ -z "$RESTARTS" ] || field restarts "$RESTARTS"
    if [ -n "$MAIN" ]; then
        field pid "$MAIN"
        field started "$STARTED"
        service_process "$1" "$MAIN"
    elif [ "$RUN" = running ]; then
        DETAIL="$DETAIL, its main process cannot be told"
    fi
    field detail "$DETAIL"
    conclude found
}

# service_process NAME PID: command line, watched environment, and the copies kept of this very process.
service_process() {
    identity "$2" || unknown "$1: process $2 went away while it was looked at"
    service_identity=$IDENTITY
    service_arguments=$(base64 <"/proc/$2/cmdline" 2>/dev/null) || unknown "$1: the command line of process $2 cannot be read"
    [ -r "/proc/$2/environ" ] || unknown "$1: the environment of process $2 cannot be read"
    service_environment=$(
        tr '\n\000' '\001\n' <"/proc/$2/environ" 2>/dev/null | grep -E '^(MESOS_|MARATHON_|LIBPROCESS_)' |
            tr '\001\n' '\n\000' | base64
    )
    field arguments "$service_arguments"
    field environment "$service_environment"
    if copies_valid "$1" "$2"; then
        service_copies "$STATE/running/$1/files" ''
    fi
    # The same process all along, or nothing that was read can be trusted.
    if ! identity "$2" || [ "$IDENTITY" != "$service_identity" ]; then
        unknown "$1: process $2 went away while it was looked at"
    fi
}

# service_copies DIRECTORY PATH
service_copies() {
    for service_copy in "$1"/* "$1"/.[!.]*; do
        [ -e "$service_copy" ] || continue
        if [ -d "$service_copy" ]; then
            service_copies "$service_copy" "$2/${service_copy##*/}"
        elif service_text=$(base64 <"$service_copy" 2>/dev/null); then
            field copy "$2/${service_copy##*/}"
            field text "$service_text"
        fi
    done
}
