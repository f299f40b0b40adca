/// An `initctl` that behaves as mesos-zk-ops.md 1.5 says, texts and exit codes.
///
/// Jobs are files in `$HERE/jobs`, whose
/// content is `GOAL/STATE PID`. A started job is a real process.
let fakeInitctl = #"""
    verb=$1 name=$2 jobs=$HERE/jobs
    if [ "$verb" = version ]; then echo 'init (upstart 1.12.1)'; exit 0; fi
    echo "$*" >>"$HERE/log"
    if [ ! -e "$jobs/$name" ]; then echo "initctl: Unknown job: $name" >&2; exit 1; fi
    read -r state pid <"$jobs/$name"
    say() {
        case $state in
            start/running) echo "$name start/running, process $pid" ;;
            *) echo "$name $state" ;;
        esac
    }
    begin() {
        sleep 600 </dev/null >/dev/null 2>&1 &
        pid=$!
        await_sleeper "$pid"
        state=start/running
        echo "$pid" >>"$HERE/pids"
        [ ! -e "$HERE/broken" ] || { end_sleeper "$pid"; state=stop/waiting; }
        echo "$state $pid" >"$jobs/$name"
    }
    end() { end_sleeper "$pid"; state=stop/waiting; echo "$state" >"$jobs/$name"; }
    case $verb:$state in
        status:*) say ;;
        start:start/running) echo "initctl: Job is already running: $name" >&2; exit 1 ;;
        start:*) begin; say ;;
        stop:stop/waiting) echo "initctl: Unknown instance: " >&2; exit 1 ;;
        stop:*) end; say ;;
        restart:stop/waiting) echo "initctl: Unknown instance: " >&2; exit 1 ;;
        restart:*) end; begin; say ;;
        *) exit 1 ;;
    esac
    """#

/// A `systemctl` that remembers.
///
/// Units are files in `$HERE/units`: `enabled`/`disabled`, and the main process in `NAME.pid`. Masks are
/// the links of the real one.
let fakeSystemctl = #"""
    [ "$1" != --no-pager ] || shift
    verb=$1
    for unit; do :; done
    name=${unit%.service} units=$HERE/units mask=$ROOT/etc/systemd/system/$unit
    mkdir -p "$ROOT/etc/systemd/system" "$units"
    [ "$verb" = show ] || echo "$*" >>"$HERE/log"
    if [ -e "$HERE/deaf" ]; then echo 'Failed to connect to bus: No such file or directory' >&2; exit 1; fi
    pid=0
    [ ! -e "$units/$name.pid" ] || read -r pid <"$units/$name.pid"
    sleeps "$pid" || pid=0
    [ "$pid" != 0 ] || ! [ -e "$units/$name.pid" ] || rm -f "$units/$name.pid"
    begin() {
        if [ -L "$mask" ]; then echo "Failed to start $unit: Unit $unit is masked." >&2; exit 1; fi
        if [ ! -e "$units/$name" ]; then echo "Failed to start $unit: Unit $unit not found." >&2; exit 5; fi
        [ "$pid" = 0 ] || return 0
        if [ -e "$HERE/broken" ]; then : >"$units/$name.failed"; exit 0; fi
        MESOS_LOG_DIR='/var/log/with space' SECRET=hidden sleep 600 </dev/null >/dev/null 2>&1 &
        await_sleeper "$!"
        echo "$!" >"$units/$name.pid"
        echo "$!" >>"$HERE/pids"
    }
    end() { [ "$pid" = 0 ] || [ -e "$HERE/stubborn" ] || { end_sleeper "$pid"; rm -f "$units/$name.pid"; pid=0; }; }
    case $verb in
        show)
            load=loaded active=inactive sub=dead result=success file=
            [ -e "$units/$name" ] && read -r file <"$units/$name" || load=not-found
            [ "$pid" = 0 ] || { active=active; sub=running; }
            [ ! -e "$units/$name.failed" ] || { active=failed; sub=failed; result=exit-code; }
            [ ! -e "$units/$name.restarting" ] || { active=activating; sub=auto-restart; }
            [ ! -L "$mask" ] || { load=masked; file=masked; }
            printf '%s\n' "LoadState=$load" "ActiveState=$active" "SubState=$sub" "UnitFileState=$file" "MainPID=$pid" \
                NRestarts=3 "Result=$result" "ControlGroup=/system.slice/$unit" NeedDaemonReload=no
            ;;
        mask) ln -s /dev/null "$mask"; echo "Created symlink $mask → /dev/null." >&2 ;;
        unmask) rm -f "$mask" ;;
        enable)
            if [ ! -e "$units/$name" ]; then echo "Failed to enable unit: Unit file $unit does not exist." >&2; exit 1; fi
            [ -e "$HERE/static" ] || echo enabled >"$units/$name" ;;
        disable) echo disabled >"$units/$name" ;;
        start) begin ;;
        stop) end; rm -f "$units/$name.failed" "$units/$name.restarting" ;;
        restart) end; begin ;;
        reset-failed) rm -f "$units/$name.failed" ;;
        daemon-reload) ;;
    esac
    """#
