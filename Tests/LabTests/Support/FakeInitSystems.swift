/// An `initctl` over files, with the words and exit codes of mesos-zk-ops.md 1.5; jobs are real processes.
let scriptedInitctl = #"""
    verb=$1 name=$2 job=$HERE/jobs/$2
    [ "$verb" != version ] || { echo 'init (upstart 1.12.1)'; exit 0; }
    [ -e "$job" ] || { echo "initctl: Unknown job: $name" >&2; exit 1; }
    read -r goal pid <"$job"
    case $verb:$goal in
        status:*) ;;
        start:start/running) echo "initctl: Job is already running: $name" >&2; exit 1 ;;
        start:*)
            MESOS_LOG_DIR='/var/log/with space' OTHER=1 sleep 600 </dev/null >/dev/null 2>&1 &
            goal=start/running pid=$!
            await_sleeper "$pid"
            echo "$pid" >>"$HERE/pids"
            echo "$goal $pid" >"$job"
            ;;
        stop:stop/waiting) echo 'initctl: Unknown instance: ' >&2; exit 1 ;;
        stop:*)
            end_sleeper "$pid"
            goal=stop/waiting
            echo "$goal" >"$job"
            ;;
        *) exit 1 ;;
    esac
    [ "$goal" != start/running ] || goal="$goal, process $pid"
    echo "$name $goal"
    """#

/// A `systemctl` over files: units are files with their unit file state, masks are links as the real one makes them.
let scriptedSystemctl = #"""
    [ "$1" != --no-pager ] || shift
    verb=$1
    for unit; do :; done
    name=${unit%.service}
    here=$HERE/units/$name mask=$ROOT/etc/systemd/system/$unit
    pid=0
    [ ! -e "$here.pid" ] || read -r pid <"$here.pid"
    sleeps "$pid" || pid=0
    case $verb in
        show)
            load=loaded active=inactive sub=dead file=
            [ -e "$here" ] && read -r file <"$here" || load=not-found
            [ "$pid" = 0 ] || { active=active; sub=running; }
            [ ! -L "$mask" ] || { load=masked; file=masked; }
            printf '%s\n' "LoadState=$load" "ActiveState=$active" "SubState=$sub" "UnitFileState=$file" \
                "MainPID=$pid" NRestarts=0 Result=success "ControlGroup=/system.slice/$unit" NeedDaemonReload=no
            ;;
        mask) mkdir -p "${mask%/*}" && ln -s /dev/null "$mask" ;;
        unmask) rm -f "$mask" ;;
        enable) [ ! -e "$here" ] || echo enabled >"$here" ;;
        disable) [ ! -e "$here" ] || echo disabled >"$here" ;;
        stop | restart)
            [ "$pid" = 0 ] || end_sleeper "$pid"
            rm -f "$here.pid"
            ;;
    esac
    case $verb in
        start | restart)
            [ ! -L "$mask" ] && [ -e "$here" ] || exit 1
            [ "$verb:$pid" = "$verb:0" ] || [ "$verb" = restart ] || exit 0
            MESOS_LOG_DIR='/var/log/with space' OTHER=1 sleep 600 </dev/null >/dev/null 2>&1 &
            await_sleeper "$!"
            echo "$!" >"$here.pid"
            echo "$!" >>"$HERE/pids"
            ;;
    esac
    """#

/// Debian's package tools over files: `offered/NAME` with versions, best first, and `installed/NAME`.
enum ScriptedPackages {
    static let dpkgQuery = #"""
        for name; do :; done
        [ -e "$HERE/installed/$name" ] || { echo "dpkg-query: no packages found matching $name" >&2; exit 1; }
        read -r version <"$HERE/installed/$name"
        want=install
        [ ! -e "$HERE/held-$name" ] || want=hold
        case $* in
            *'|'*) printf '%s ok installed|%s\n' "$want" "$version" ;;
            *) printf '%s ok installed=%s' "$want" "$version" ;;
        esac
        """#

    static let aptCache = #"""
        [ -e "$HERE/offered/$2" ] || exit 0
        case $1 in
            policy) printf '%s:\n  Candidate: %s\n' "$2" "$(head -n 1 "$HERE/offered/$2")" ;;
            madison) sed "s/.*/ $2 | & | http:\/\/example stable\/main/" "$HERE/offered/$2" ;;
        esac
        """#

    static let aptGet = #"""
        case $* in
            *' update')
                [ ! -e "$HERE/complaints" ] || { cat "$HERE/complaints"; exit 100; }
                [ ! -e "$HERE/later" ] || { read -r name <"$HERE/later"; sed 1d "$HERE/later" >"$HERE/offered/$name"; }
                exit 0
                ;;
        esac
        echo 'Reading package lists...'
        echo 'Building dependency tree...'
        all=
        for spec; do
            case $spec in -* | install | *::* | DPkg*) continue ;; esac
            all="$all $spec"
        done
        for spec in $all; do
            name=${spec%%=*}
            [ -e "$HERE/offered/$name" ] || { echo "E: Unable to locate package $name"; exit 100; }
            case $spec in
                *=*) grep -qxF "${spec#*=}" "$HERE/offered/$name" ||
                    { echo "E: Version '${spec#*=}' for '$name' was not found"; exit 100; } ;;
            esac
        done
        for spec in $all; do
            name=${spec%%=*}
            version=$(head -n 1 "$HERE/offered/$name")
            case $spec in *=*) version=${spec#*=} ;; esac
            echo "$version" >"$HERE/installed/$name"
            echo "Setting up $name ($version) ..."
        done
        """#

    static let aptMark = #"""
        shift
        for name; do
            [ -e "$HERE/installed/$name" ] ||
                { echo "E: Can't select installed nor candidate version from package '$name'" >&2; exit 100; }
            : >"$HERE/held-$name"
        done
        """#
}
