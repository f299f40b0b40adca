import FoundationEssentials
import Testing

@testable import Transport

/// Docker's engine over files, with the words of Docker 20.10.24.
///
/// In `$HERE`: `images` with lines `ID LAYER…`, `tags` with `NAME ID`, `containers` with `CONTAINER ID`; `registry` with
/// `NAME@DIGEST ID LAYER…`. An archive is a line `image NAME ID LAYER…` and a line `end`. Commands are written to `log`.
enum FakeDocker {
    static func put(into root: ScratchRoot, _ version: String = "20.10.24") throws {
        try root.program("docker", script)
        try root.remember(version, as: "version")
        for file in ["images", "tags", "containers", "registry", "log"] { try root.remember("", as: file) }
    }

    private static let script = #"""
        printf '%s\n' "$*" >>"$HERE/log"
        say() { printf '%s\n' "$1" >&2; exit "${2:-1}"; }
        id_of() {
            known=$(awk -v n="$1" '$1 == n { print $2 }' "$HERE/tags" | tail -n 1)
            [ -n "$known" ] || known=$(awk -v n="$1" '$1 == n { print $1 }' "$HERE/images")
            [ -n "$known" ]
        }
        put_image() {
            image_id=$1
            awk -v n="$image_id" '$1 == n { found = 1 } END { exit !found }' "$HERE/images" || echo "$*" >>"$HERE/images"
        }
        put_tag() {
            awk -v n="$1" '$1 != n' "$HERE/tags" >"$HERE/tags.new"
            echo "$1 $2" >>"$HERE/tags.new"
            mv "$HERE/tags.new" "$HERE/tags"
        }
        names_of() { awk -v i="$1" '$2 == i { print $1 }' "$HERE/tags"; }
        is_old() { case $(cat "$HERE/version") in 1.?.* | 1.1[0-2].*) return 0 ;; esac; return 1; }
        command=$1
        shift
        if [ -e "$HERE/hang-$command" ]; then exec sleep 60; fi
        if [ -e "$HERE/down" ]; then
            say 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
        fi
        if [ -e "$HERE/forbidden" ]; then
            say 'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: connect: permission denied
        See docker help'
        fi
        case $command in
            version)
                cat "$HERE/version"
                echo 'WARNING: Error loading config file' >&2
                ;;
            info)
                echo 'WARNING: No swap limit support' >&2
                if [ $# -gt 0 ]; then
                    ! is_old || say 'flag provided but not defined: --format
        See docker info --help.' 125
                    printf '{"Driver":"vfs","DriverStatus":%s,"DockerRootDir":"/srv/docker","Architecture":"x86_64"}\n' \
                        "$(cat "$HERE/status" 2>/dev/null || echo null)"
                else
                    printf 'Containers: 0\nStorage Driver: aufs\n Root Dir: /srv/docker/aufs\n'
                    # `[["KEY","VALUE"]]` as the client prints it.
                    sed 's/^\[\["/ /; s/","/: /; s/"\]\]$//' "$HERE/status" 2>/dev/null || :
                fi
                ;;
            images)
                case " $* " in
                    *' dangling=true '*) ;;
                    *' -q '*)
                        awk '{ print $1 }' "$HERE/images"
                        if [ -e "$HERE/vanishing" ]; then rm "$HERE/vanishing"; echo sha256:vanished; fi
                        ;;
                    *)
                        echo 'REPOSITORY   TAG   IMAGE ID   CREATED   SIZE'
                        awk '{ n = $1; sub(/:[^:]*$/, "", n); t = substr($1, length(n) + 2); print n "  " t "  " $2 "  now  1B" }' \
                            "$HERE/tags"
                        ;;
                esac
                ;;
            inspect)
                format=
                if [ "$1" = --format ]; then format=$2; shift 2; fi
                status=0
                [ -n "$format" ] || list=
                for name; do
                    if [ "$format" = '{{.Image}}' ]; then
                        made=$(awk -v n="$name" '$1 == n { print $2 }' "$HERE/containers")
                        if [ -n "$made" ]; then echo "$made"; else echo "Error: No such object: $name" >&2; status=1; fi
                        continue
                    fi
                    if ! id_of "$name"; then
                        [ -z "$format" ] || echo
                        echo "Error: No such object: $name" >&2
                        status=1
                        continue
                    fi
                    layers=$(awk -v n="$known" '$1 == n { $1 = ""; print }' "$HERE/images")
                    case $format in
                        '{{.Id}}') echo "$known" ;;
                        *RepoTags*) echo "$(names_of "$known" | tr '\n' ' ')" ;;
                        *Layers*) for layer in $layers; do printf '%s ' "$layer"; done; echo ;;
                        '')
                            names=$(names_of "$known" | sed 's/.*/"&"/' | tr '\n' ',')
                            diffs=$(for layer in $layers; do printf '"%s",' "$layer"; done)
                            list="$list${list:+,}
            {\"Id\": \"$known\", \"RepoTags\": [${names%,}], \"Author\": \"Jürgen\", \"Size\": 5,
             \"RootFS\": {\"Type\": \"layers\", \"Layers\": [${diffs%,}]}}"
                            ;;
                    esac
                done
                [ -n "$format" ] || printf '[%s\n]\n' "$list"
                exit "$status"
                ;;
            ps) awk '{ print $1 }' "$HERE/containers" ;;
            load)
                while [ -e "$HERE/hold" ]; do sleep 0.1; done
                cat >"$HERE/archive"
                [ -s "$HERE/archive" ] || say 'open /srv/docker/tmp/docker-import-1/repositories: no such file or directory'
                if [ -e "$HERE/full" ]; then
                    say 'Error processing tar file(exit status 1): write /layer.tar: no space left on device'
                fi
                [ "$(tail -n 1 "$HERE/archive")" = end ] || say 'Error processing tar file(exit status 1): unexpected EOF'
                read -r _ name image <"$HERE/archive"
                put_image $image
                if id_of "$name" && [ "$known" != "${image%% *}" ]; then
                    echo "The image $name already exists, renaming the old one with ID $known to empty string"
                fi
                put_tag "$name" "${image%% *}"
                echo "Loaded image: $name"
                ;;
            pull)
                line=$(awk -v n="$1" '$1 == n { $1 = ""; print substr($0, 2) }' "$HERE/registry")
                [ -n "$line" ] || say "Error response from daemon: manifest for $1 not found: manifest unknown"
                put_image $line
                put_tag "$1" "${line%% *}"
                echo "Status: Downloaded newer image for $1"
                ;;
            tag)
                force=0
                if [ "$1" = -f ]; then
                    is_old || say "unknown shorthand flag: 'f' in -f" 125
                    force=1
                    shift
                fi
                id_of "$1" || say "Error response from daemon: No such image: $1"
                wanted=$known
                if is_old && [ "$force" -eq 0 ] && id_of "$2" && [ "$known" != "$wanted" ]; then
                    say "Error response from daemon: Conflict: Tag ${2##*:} is already set to image $known, if you want to replace it, please use -f option"
                fi
                put_tag "$2" "$wanted"
                ;;
            rmi)
                id_of "$1" || say "Error: No such image: $1"
                if [ -e "$HERE/children" ]; then
                    say "Error response from daemon: conflict: unable to delete $1 (cannot be forced) - image has dependent child images"
                fi
                awk -v n="$known" '$1 != n' "$HERE/images" >"$HERE/images.new"
                mv "$HERE/images.new" "$HERE/images"
                echo "Deleted: $known"
                ;;
            *) say "docker: '$command' is not a docker command." ;;
        esac
        """#
}
