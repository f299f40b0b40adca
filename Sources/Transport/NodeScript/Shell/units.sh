# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Acts of the init systems on services. Exit codes are not trusted: what counts is the state afterwards.

# state NAME: service_state, or the action failed.
state() { service_state "$1" || failed "$WHY"; }

# command_failed WORDS WHAT
command_failed() {
    last_line "$1"
    failed "$2: ${LINE:-no words}"
}

# system WORDS…: systemctl, bounded; sets SAID.
system() { SAID=$(bounded 150 systemctl --no-pager "$@" 2>&1); }

reload_if_needed() {
    if [ "$NEEDS_RELOAD" = yes ] || [ "$LOAD" = not-found ]; then
        system daemon-reload || command_failed "$SAID" 'systemctl daemon-reload'
        state "$1"
    fi
}

act_mask() {
    unit_of "$1"
    ! masked "$UNIT" || conclude already
    system mask "$UNIT"
    masked "$UNIT" || command_failed "$SAID" "systemctl mask $UNIT"
    conclude changed
}

act_unmask() {
    unit_of "$1"
    masked "$UNIT" || conclude already
    system unmask "$UNIT"
    ! masked "$UNIT" || command_failed "$SAID" "systemctl unmask $UNIT"
    conclude changed
}

act_enable() {
    state "$1"
    [ "$BOOT" != on ] || conclude already
    reload_if_needed "$1"
    [ "$BOOT" != none ] || failed "$1: there is no such unit; is its package installed?"
    [ "$BOOT" != masked ] || failed "$1: masked; unmask it first"
    system enable "$UNIT"
    enable_said=$SAID
    state "$1"
    [ "$BOOT" = on ] || command_failed "$enable_said" "systemctl enable $UNIT left it $BOOT"
    conclude changed
}

act_disable() {
    state "$1"
    case $BOOT in
        off | none) conclude already ;;
    esac
    disable_before=$BOOT
    system disable "$UNIT"
    disable_said=$SAID
    state "$1"
    case $disable_before:$BOOT in
        # Behind a mask what boot would do cannot be read; the mask keeps it off.
        masked:masked) conclude already ;;
        *:off | *:none | *:masked) conclude changed ;;
        *) command_failed "$disable_said" "systemctl disable $UNIT left it $BOOT" ;;
    esac
}

# settled NAME OLD-PID: waits a little for a state that stands and, for a wrapped script, for its process.
settled() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        state "$1"
        case $RUN in
            running)
                [ "$SYSV" -eq 0 ] && return 0
                [ "$MEMBERS" -eq 0 ] || [ "$MAIN" = "$2" ] || return 0
                ;;
            failed | restarting) return 0 ;;
        esac
        sleep 0.5
    done
}

# report_running NAME OLD-PID WHAT: ends the action by the state that now is.
report_running() {
    case $RUN in
        running)
            if [ -n "$2" ] && [ "$MAIN" = "$2" ]; then
                failed "$3 had no effect: process $2 is still there"
            fi
            field detail "process ${MAIN:-unknown}"
            conclude changed
            ;;
        *)
            last_line "$SAID_FIRST"
            failed "$3 left $1 $RUN, $DETAIL${LINE:+: $LINE}"
            ;;
    esac
}

act_start() {
    state "$1"
    [ "$RUN" != running ] || conclude already
    reload_if_needed "$1"
    [ "$BOOT" != masked ] || failed "$1: masked; unmask it first"
    [ "$LOAD" != not-found ] || failed "$1: there is no such unit; is its package installed?"
    [ "$RUN" != failed ] || system reset-failed "$UNIT"
    # A wrapped script whose daemon is gone still counts as active, and `start` would do nothing.
    [ "$ACTIVE" != active ] || system stop "$UNIT"
    system start "$UNIT"
    SAID_FIRST=$SAID
    settled "$1" ''
    report_running "$1" '' "systemctl start $UNIT"
}

act_stop() {
    state "$1"
    case $RUN in
        stopped | failed)
            [ "$ACTIVE" = active ] || conclude already
            ;;
    esac
    stop_process=$MAIN
    system stop "$UNIT"
    SAID_FIRST=$SAID
    state "$1"
    case $RUN in
        stopped | failed) ;;
        *)
            last_line "$SAID_FIRST"
            failed "systemctl stop $UNIT left $1 $RUN, $DETAIL${LINE:+: $LINE}"
            ;;
    esac
    if [ -n "$stop_process" ]; then
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            process "$stop_process" || conclude changed
            sleep 0.5
        done
        failed "systemctl stop $UNIT left process $stop_process running"
    fi
    conclude changed
}

# same_process NAME PID: a restart is for the process that was looked at, or for whatever runs where PID is empty.
same_process() {
    [ -n "$2" ] || return 0
    [ "$MAIN" != "$2" ] || return 0
    [ -z "$MAIN" ] || conclude conflict "$1: $RUN with process $MAIN"
    conclude conflict "$1: $RUN with no process that can be told"
}

act_restart() {
    state "$1"
    same_process "$1" "$2"
    reload_if_needed "$1"
    same_process "$1" "$2"
    [ "$BOOT" != masked ] || failed "$1: masked; unmask it first"
    [ "$LOAD" != not-found ] || failed "$1: there is no such unit; is its package installed?"
    [ "$RUN" != failed ] || system reset-failed "$UNIT"
    restart_process=$MAIN
    system restart "$UNIT"
    SAID_FIRST=$SAID
    settled "$1" "$restart_process"
    report_running "$1" "$restart_process" "systemctl restart $UNIT"
}

# reloaded NAME PID WHAT STATUS TIME: a reload keeps the process; one that asked for another signal than it knows is gone.
# From TIME on the process goes by other files than at its start.
reloaded() {
    if [ "$4" -ne 0 ]; then
        last_line "$SAID_FIRST"
        failed "$3: ${LINE:-exit code $4}"
    fi
    [ "$RUN" = running ] || failed "$3 left $1 $RUN, $DETAIL"
    [ -z "$2" ] || [ "$MAIN" = "$2" ] || failed "$3 replaced process $2 by ${MAIN:-none}"
    if [ -n "$MAIN" ] && copies_open "$1" "$MAIN"; then
        rm -rf "$COPIES/files"
        private_directory "$COPIES/files"
        (umask 077 && printf '%s\n' "$5" >"$COPIES/reloaded") || failed "${COPIES#"$ROOT"}: cannot be written"
        copies_close || failed "${COPIES#"$ROOT"}: cannot be written"
    fi
    field detail "process ${MAIN:-unknown}"
    conclude changed
}

act_reload() {
    state "$1"
    [ "$RUN" = running ] || failed "$1: $RUN, so there is nothing to reload"
    reload_process=$MAIN
    reload_time=$(date +%s)
    system reload "$UNIT"
    reload_status=$?
    SAID_FIRST=$SAID
    state "$1"
    reloaded "$1" "$reload_process" "systemctl reload $UNIT" "$reload_status" "$reload_time"
}

# write_override FILE TEXT: through a dotfile, which upstart does not read; without TEXT the file goes.
write_override() {
    if [ -z "$2" ]; then
        rm -f "$1" || failed "${1#"$ROOT"}: cannot be removed"
        return 0
    fi
    mkdir -p "${1%/*}"
    new_temporary "${1%/*}"
    override_words=$(printf '%s\n' "$2" 2>&1 >"$temporary") || failed_words "${1#"$ROOT"}" "$override_words"
    chmod 644 "$temporary"
    override_words=$(mv -f "$temporary" "$1" 2>&1) || failed_words "${1#"$ROOT"}" "$override_words"
    temporary=
}

act_hold_job() {
    hold_file=$ROOT/etc/init/$1.override
    if manual "$hold_file"; then
        script_at_boot "$1" off disable
        conclude already
    fi
    hold_text=$(cat "$hold_file" 2>/dev/null)
    write_override "$hold_file" "${hold_text:+$hold_text$newline}manual"
    manual "$hold_file" || failed "/etc/init/$1.override: could not be written"
    script_at_boot "$1" off disable
    conclude changed
}

act_release_job() {
    hold_file=$ROOT/etc/init/$1.override
    if ! manual "$hold_file"; then
        script_at_boot "$1" on enable
        conclude already
    fi
    write_override "$hold_file" "$(grep -vE '^[[:space:]]*manual[[:space:]]*(#.*)?$' "$hold_file")"
    ! manual "$hold_file" || failed "/etc/init/$1.override: \`manual\` could not be taken out"
    script_at_boot "$1" on enable
    conclude changed
}

# script_at_boot NAME STATE VERB: a System V script has links instead of a job, which an override does not touch.
script_at_boot() {
    if [ ! -e "$ROOT/etc/init.d/$1" ] || [ -e "$ROOT/etc/init/$1.conf" ]; then return 0; fi
    script_state "$1"
    [ "$BOOT" != "$2" ] || return 0
    command -v update-rc.d >/dev/null 2>&1 || failed "$1: $BOOT at boot, and update-rc.d is not here to turn it $2"
    script_words=$(bounded 30 update-rc.d "$1" "$3" 2>&1)
    script_state "$1"
    [ "$BOOT" = "$2" ] || command_failed "$script_words" "update-rc.d $1 $3 left it $BOOT"
    conclude changed
}

# job_verb VERB NAME: by upstart, or by the script where it is one; sets SAID.
job_verb() {
    if [ "$SYSV" -eq 1 ]; then
        SAID=$(bounded 150 "$ROOT/etc/init.d/$2" "$1" 2>&1 9>&-)
    else
        initctl_verb "$1" "$2"
    fi
}

# job NAME: sets SAID; status of the verb first, since upstart fails where nothing is to be done.
initctl_verb() { SAID=$(bounded 150 initctl "$@" 2>&1); }

# job_state NAME: waits for a state that stands.
job_state() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        state "$1"
        [ "$RUN" = changing ] || return 0
        sleep 0.5
    done
}

act_start_job() {
    job_state "$1"
    [ "$RUN" != running ] || conclude already
    [ "$DETAIL" != 'unknown job' ] || failed "$1: there is no such job; is its package installed?"
    job_start "$1"
    report_running "$1" '' "initctl start $1"
}

job_start() {
    job_verb start "$1"
    SAID_FIRST=$SAID
    job_state "$1"
}

act_stop_job() {
    job_state "$1"
    [ "$RUN" != stopped ] || conclude already
    job_stop "$1"
    conclude changed
}

job_stop() {
    job_verb stop "$1"
    SAID_FIRST=$SAID
    job_state "$1"
    if [ "$RUN" != stopped ]; then
        last_line "$SAID_FIRST"
        failed "initctl stop $1 left it $RUN, $DETAIL${LINE:+: $LINE}"
    fi
}

act_restart_job() {
    job_state "$1"
    same_process "$1" "$2"
    [ "$DETAIL" != 'unknown job' ] || failed "$1: there is no such job; is its package installed?"
    restart_process=$MAIN
    [ "$RUN" = stopped ] || job_stop "$1"
    job_start "$1"
    report_running "$1" "$restart_process" "initctl stop and start $1"
}

act_reload_job() {
    job_state "$1"
    [ "$RUN" = running ] || failed "$1: $RUN, so there is nothing to reload"
    reload_process=$MAIN
    reload_time=$(date +%s)
    job_verb reload "$1"
    reload_status=$?
    SAID_FIRST=$SAID
    job_state "$1"
    # A script replaces the process, which goes on with the connections that it has.
    [ "$SYSV" -eq 0 ] || reload_process=
    reloaded "$1" "$reload_process" "initctl reload $1" "$reload_status" "$reload_time"
}
