# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Long work runs detached: a dropped connection kills nothing half-way, and whoever reconnects collects the result.

# installed SPEC…: whether each `name` or `name=version` is there and in order; what `name~=pin` means is for the job to find.
installed() {
    for installed_spec in "$@"; do
        case $installed_spec in
            *'~='*) return 1 ;;
        esac
        installed_name=${installed_spec%%=*}
        if command -v dpkg-query >/dev/null 2>&1; then
            installed_is=$(dpkg-query -W -f '${Status}=${Version}' "$installed_name" 2>/dev/null) || return 1
            case $installed_is in
                'install ok installed='* | 'hold ok installed='*) installed_is=${installed_is#*=} ;;
                *) return 1 ;;
            esac
        else
            installed_is=$("$(path_of rpm)" -q --qf '%{EPOCH}:%{VERSION}-%{RELEASE}' "$installed_name" 2>/dev/null) || return 1
            installed_is=${installed_is#'(none):'}
            installed_is=${installed_is#0:}
        fi
        case $installed_spec in
            *=*) [ "$installed_is" = "${installed_spec#*=}" ] || return 1 ;;
        esac
    done
}

# new_job NAME: makes its directory, and sets job; concludes where it is under way already.
new_job() {
    job=$RUNTIME/$RUN_ID/$1
    command -v setsid >/dev/null 2>&1 || failed 'setsid is not here; install util-linux'
    job_words=$( (umask 077 && mkdir -p "${job%/*}") 2>&1) || failed_words "${job%/*}" "$job_words"
    mkdir "$job" 2>/dev/null && return 0
    [ -d "$job" ] || failed "${job#"$ROOT"}: cannot be made"
    field detail 'under way since an earlier visit'
    conclude changed
}

# start_job SCRIPT ARGUMENT…: runs SCRIPT detached, with ROOT, the job's directory and the arguments.
start_job() {
    job_words=$(printf %s "$1" 2>&1 >"$job/script") || {
        rm -rf "$job"
        failed_words "${job#"$ROOT"}" "$job_words"
    }
    shift
    setsid sh "$job/script" "$ROOT" "$job" "$@" </dev/null >"$job/log" 2>&1 9>&- &
    # Its process is known by what it writes, since setsid may fork.
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ ! -s "$job/process" ] || break
        sleep 0.1
    done
    [ -s "$job/process" ] || [ -s "$job/result" ] || failed "${job#"$ROOT"}: did not start: $(tail -n 3 "$job/log")"
    field detail 'started'
    conclude changed
}

# act_install JOB SCRIPT SPEC…
act_install() {
    new_job "$1"
    job_script=$2
    shift 2
    if installed "$@"; then
        printf 'already\n' >"$job/result" || failed "${job#"$ROOT"}: cannot be written"
        conclude already
    fi
    start_job "$job_script" "$@"
}

# act_renew JOB SCRIPT NAME=URI…
act_renew() {
    new_job "$1"
    job_script=$2
    shift 2
    start_job "$job_script" "$@"
}

# act_collect JOB SECONDS
act_collect() {
    job=$RUNTIME/$RUN_ID/$1
    [ -d "$job" ] || failed "no job $1 of run $RUN_ID is here; was the node restarted meanwhile?"
    collect_end=$(($(date +%s) + $2))
    while [ ! -s "$job/result" ]; do
        job_process=
        { read -r job_process <"$job/process"; } 2>/dev/null || [ -n "$job_process" ] || job_process=
        if ! identity "${job_process%% *}" || [ "$IDENTITY" != "$job_process" ]; then
            # It may have ended between the two looks.
            sleep 0.2
            [ ! -s "$job/result" ] || break
            failed "job $1 ended without a result: $(tail -n 3 "$job/log" 2>/dev/null)"
        fi
        [ "$(date +%s)" -lt "$collect_end" ] || conclude pending
        sleep 0.5
    done
    job_result=$(cat "$job/result") || failed "job $1: its result cannot be read"
    job_verdict=${job_result%%"$newline"*}
    job_words=${job_result#"$job_verdict"}
    case $job_verdict in
        already) conclude already ;;
        changed)
            field detail "${job_words#"$newline"}"
            conclude changed
            ;;
        *) failed "${job_words#"$newline"}" ;;
    esac
}
