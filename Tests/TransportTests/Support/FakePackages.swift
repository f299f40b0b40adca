/// Debian's package tools over files.
///
/// In `$HERE`: `offered/NAME` with versions, best first; `installed/NAME` with a status
/// and a version. What happens meanwhile is written down.
enum FakePackages {
    static let dpkgQuery = #"""
        for name; do :; done
        if [ -e "$HERE/dpkg-broken" ]; then echo 'dpkg-query: error: parsing file: corrupt' >&2; exit 2; fi
        if [ ! -e "$HERE/installed/$name" ]; then echo "dpkg-query: no packages found matching $name" >&2; exit 1; fi
        IFS='|' read -r status version <"$HERE/installed/$name"
        case $* in
            *'|'*) printf '%s|%s\n' "$status" "$version" ;;
            *) printf '%s=%s' "$status" "$version" ;;
        esac
        """#

    static let aptCache = #"""
        if [ -e "$HERE/apt-broken" ]; then cat "$HERE/apt-broken" >&2; exit 100; fi
        [ -e "$HERE/offered/${2%%=*}" ] || exit 0
        case $1 in
            policy) printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "$2" "$(head -n 1 "$HERE/offered/$2")" ;;
            show) [ ! -e "$HERE/depends/${2%%=*}" ] || sed "s/VERSION/${2#*=}/g" "$HERE/depends/${2%%=*}" ;;
            madison) sed "s/.*/   $2 | & | http:\/\/example stable\/main/" "$HERE/offered/$2" ;;
        esac
        """#

    static let aptGet = #"""
        echo "$*" >>"$HERE/apt-log"
        # What needrestart's hook, which apt runs at its end, is told.
        echo "$NEEDRESTART_SUSPEND $NEEDRESTART_MODE" >"$HERE/needrestart"
        case $* in
            *' update'*)
                [ ! -e "$HERE/complaints" ] || cat "$HERE/complaints" >&2
                # What new lists bring.
                for file in "$HERE/renewed/"*; do [ ! -e "$file" ] || cp "$file" "$HERE/offered/"; done
                exit "$(cat "$HERE/update-status" 2>/dev/null || echo 0)"
                ;;
        esac
        if [ -e "$HERE/locked" ]; then
            rm "$HERE/locked"
            echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1' >&2
            exit 100
        fi
        # A lock as apt takes it (fcntl), on a file of the scratch root.
        if [ -e "$ROOT/var/lib/dpkg/lock-frontend" ]; then
            python3 -c 'import fcntl, sys; fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB)' \
                "$ROOT/var/lib/dpkg/lock-frontend" 2>/dev/null || {
                echo 'E: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource temporarily unavailable)' >&2
                echo 'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?' >&2
                exit 100
            }
        fi
        for spec; do
            [ ! -e "$HERE/installed/${spec%%=*}" ] || grep -q '^hold' "$HERE/installed/${spec%%=*}" || continue
            [ -e "$HERE/installed/${spec%%=*}" ] || continue
            echo 'E: Held packages were changed and -y was used without --allow-change-held-packages.' >&2
            exit 100
        done
        while [ -e "$HERE/hold" ]; do sleep 0.1; done
        "$ROOT/usr/sbin/policy-rc.d" zookeeper start; echo "$?" >>"$HERE/policy"
        echo 'Setting up…'
        for spec; do
            name=${spec%%=*}
            [ -e "$HERE/offered/$name" ] || continue
            version=$(head -n 1 "$HERE/offered/$name")
            case $spec in *=*) version=${spec#*=} ;; esac
            grep -qxF "$version" "$HERE/offered/$name" || { echo "E: Version '$version' for '$name' was not found" >&2; exit 100; }
            mkdir -p "$HERE/installed"
            echo "install ok installed|$version" >"$HERE/installed/$name"
        done
        """#

    /// `hold`, `unhold` and `showhold` over the same files.
    static let aptMark = #"""
        echo "$*" >>"$HERE/apt-mark-log"
        act=$1
        shift
        case $act in
            showhold) cd "$HERE/installed" && grep -l '^hold' -- * 2>/dev/null ;;
            hold | unhold)
                for name; do
                    [ -e "$HERE/installed/$name" ] || { echo "E: Can't select installed nor candidate version from package '$name'" >&2; exit 100; }
                    if [ "$act" = hold ]; then want=hold; else want=install; fi
                    sed "s/^[a-z]* /$want /" "$HERE/installed/$name" >"$HERE/installed/.$name" && mv "$HERE/installed/.$name" "$HERE/installed/$name"
                    echo "$name set on $act."
                done
                ;;
        esac
        """#

    /// rpm and yum 3.4 over `rpm/NAME` (a version), `available` (recorded output of `yum list`) and `locks`.
    static let rpm = #"""
        for name; do :; done
        [ -e "$HERE/rpm/$name" ] || { echo "package $name is not installed"; exit 1; }
        cat "$HERE/rpm/$name"
        """#

    static let yum = #"""
        echo "$*" >>"$HERE/yum-log"
        if [ -e "$HERE/yum-locked" ]; then
            rm "$HERE/yum-locked"
            echo 'Existing lock /var/run/yum.pid: another copy is running as pid 1.' >&2
            echo 'Another app is currently holding the yum lock; exiting as configured by exit_on_lock' >&2
            exit 200
        fi
        case $* in
            *'versionlock list'*)
                [ -e "$HERE/locks" ] || { echo 'No such command: versionlock. Please use /usr/bin/yum --help' >&2; exit 1; }
                cat "$HERE/locks"
                ;;
            *'versionlock delete '*)
                shift 4
                for line; do grep -vxF -- "$line" "$HERE/locks" >"$HERE/locks.new"; mv "$HERE/locks.new" "$HERE/locks"; done
                ;;
            *'versionlock add '*)
                shift 4
                for name; do echo "0:$name-$(sed 's/^(none)://' "$HERE/rpm/$name").*" >>"$HERE/locks"; done
                ;;
            *'list available'*)
                [ -e "$HERE/available" ] || { echo 'Error: No matching Packages to list' >&2; exit 1; }
                # The plugin leaves other versions of a locked package out of every list.
                for name; do :; done
                case $* in
                    *'--disableplugin=versionlock'*) ;;
                    *)
                        ! grep -q "^0:$name-" "$HERE/locks" 2>/dev/null ||
                            { echo 'Error: No matching Packages to list' >&2; exit 1; }
                        ;;
                esac
                cat "$HERE/available"
                ;;
            *makecache*)
                [ ! -e "$HERE/complaints" ] || { cat "$HERE/complaints" >&2; exit 1; }
                ;;
            *' install '*)
                mkdir -p "$HERE/rpm"
                for spec; do
                    case $spec in -* | install) continue ;; esac
                    version=${spec##*-}
                    spec=${spec%-*}
                    if grep -q "^0:${spec%-*}-[^-]*-[^-]*$" "$HERE/locks" 2>/dev/null; then
                        echo "No package $spec-$version available." >&2
                        echo 'Error: Nothing to do' >&2
                        exit 1
                    fi
                    echo "(none):${spec##*-}-$version" >"$HERE/rpm/${spec%-*}"
                done
                echo 'Complete!'
                ;;
        esac
        """#
}
