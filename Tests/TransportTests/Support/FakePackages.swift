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
        [ -e "$HERE/offered/$2" ] || exit 0
        case $1 in
            policy) printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "$2" "$(head -n 1 "$HERE/offered/$2")" ;;
            madison) sed "s/.*/   $2 | & | http:\/\/example stable\/main/" "$HERE/offered/$2" ;;
        esac
        """#

    static let aptGet = #"""
        echo "$*" >>"$HERE/apt-log"
        case $* in *' update'*) exit 0 ;; esac
        if [ -e "$HERE/locked" ]; then
            rm "$HERE/locked"
            echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1' >&2
            exit 100
        fi
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
}
