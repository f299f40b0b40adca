# shellcheck shell=sh
# An image where it comes from, opened: unpacked in a private directory that a janitor removes when nobody has used it for
# 15 minutes, whatever becomes of us.

# refuse KIND FILE…: in the last words that were said.
refuse() {
    refuse_kind=$1
    shift
    refuse_line=$(cat "$@" 2>/dev/null | awk '/[^ ]/ { line = $0 } END { print substr(line, 1, 200) }')
    printf 'fail %s %s\n' "$refuse_kind" "$refuse_line"
    exit 0
}

# touching DIRECTORY: keeps it for as long as this shell lives.
touching() {
    (
        while kill -0 $$ 2>/dev/null && [ -d "$1" ] && touch -c "$1" 2>/dev/null; do
            sleep 5
        done
    ) </dev/null >/dev/null 2>&1 &
    toucher=$!
}

# janitor DIRECTORY
janitor() {
    detach=
    ! command -v setsid >/dev/null 2>&1 || detach=setsid
    # shellcheck disable=SC2016,SC2086 # $1 is the other shell's.
    $detach sh -c '
        trap "" HUP
        while sleep 30; do
            [ -d "$1" ] || exit 0
            [ -z "$(find "$1" -maxdepth 0 -mmin +15)" ] || rm -rf "$1"
        done
    ' sh "$1" </dev/null >/dev/null 2>&1 &
    printf '%s\n' "$!" >"$1/janitor"
}

# A word now and then while an engine saves: silence would be taken for a hung one.
beating() {
    (
        # Whoever sleeps longer than the rest must not keep the session open.
        while kill -0 $$ 2>/dev/null && sleep 30 >/dev/null; do
            printf 'busy\n'
        done
    ) </dev/null 2>/dev/null &
    beat=$!
}

rest() {
    [ -z "$beat" ] || kill "$beat" 2>/dev/null
    beat=
}

# make_place BASE
make_place() {
    umask 077
    place=$(mktemp -d "${1:-${TMPDIR:-/var/tmp}}/reconciler-source-XXXXXX") || {
        printf 'fail other no directory can be made under %s\n' "${1:-${TMPDIR:-/var/tmp}}"
        exit 0
    }
    toucher=
    beat=
    trap 'rest; [ -z "$toucher" ] || kill "$toucher" 2>/dev/null; [ -z "$place" ] || close_place "$place"' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    janitor "$place"
    touching "$place"
}

# close_place DIRECTORY
close_place() {
    case $1 in
        */reconciler-source-??????) ;;
        *) return 0 ;;
    esac
    close_pid=$(cat "$1/janitor" 2>/dev/null)
    rm -rf "$1"
    case $close_pid in
        '' | *[!0-9]*) return 0 ;;
    esac
    case $(tr '\0' ' ' <"/proc/$close_pid/cmdline" 2>/dev/null) in
        # With the `sleep` it waits for, where it has a group of its own.
        *"$1"*) kill -- "-$close_pid" 2>/dev/null || kill "$close_pid" 2>/dev/null ;;
    esac
}

# open_image BASE PRODUCER…: unpacks the archive that PRODUCER prints, says what is in it, prints manifest.json.
open_image() {
    make_place "$1"
    shift
    mkdir "$place/image"
    beating
    {
        "$@" 2>"$place/words"
        printf '%s\n' "$?" >"$place/status"
    } | tar -xf - -C "$place/image" 2>"$place/tar-words"
    tar_status=$?
    rest
    status=$(cat "$place/status" 2>/dev/null)
    [ "$status" = 0 ] || refuse save "$place/tar-words" "$place/words"
    [ "$tar_status" -eq 0 ] || refuse unpack "$place/tar-words"
    printf 'place %s\n' "$place"
    (cd "$place/image" && find . \( -type f -o -type l \) -exec stat -L -c 'file %s %n' {} +) 2>/dev/null
    if [ -f "$place/image/manifest.json" ]; then
        printf 'manifest %s\n' "$(stat -c %s "$place/image/manifest.json")"
        cat "$place/image/manifest.json"
    else
        printf 'manifest 0\n'
    fi
    printf '\ndone\n'
    place=
}

# open_whole BASE REFERENCE: keeps the archive as it is, says the ids that `repositories` in it has (engines before 1.10).
open_whole() {
    make_place "$1"
    beating
    docker save "$2" >"$place/image.tar" 2>"$place/words" || refuse save "$place/words"
    rest
    repositories=$(tar -xOf "$place/image.tar" repositories 2>"$place/tar-words") || refuse unpack "$place/tar-words"
    printf 'place %s\n' "$place"
    printf 'file %s image.tar\n' "$(stat -c %s "$place/image.tar")"
    printf 'manifest %s\n%s\ndone\n' "${#repositories}" "$repositories"
    place=
}

# The same bytes every time: a transfer that broke goes on in the middle.
fastest() {
    if command -v pigz >/dev/null 2>&1; then
        pigz -1 -n -c
    elif printf '' | gzip -1 -n -c >/dev/null 2>&1; then
        gzip -1 -n -c
    else
        gzip -1 -c
    fi
}

# from OFFSET
from() {
    if [ "$1" -eq 0 ]; then cat; else tail -c "+$(($1 + 1))"; fi
}

# unpacked FILE: what a layer is without the compression that some stores keep it in.
unpacked() {
    case $(dd if="$1" bs=4 count=1 2>/dev/null | od -An -tx1 | tr -d ' \n') in
        1f8b*) gzip -dc <"$1" ;;
        28b52ffd) zstd -dc <"$1" ;;
        *) cat "$1" ;;
    esac
}

# fetch_file PLACE PATH OFFSET: gzipped.
fetch_file() {
    [ -d "$1" ] || exit 44
    toucher=
    trap '[ -z "$toucher" ] || kill "$toucher" 2>/dev/null' EXIT
    trap 'exit 1' HUP INT TERM PIPE
    touching "$1"
    # A layer may be a link to another one, and to nothing else.
    file=$(readlink -f "$1/$2") && [ -f "$file" ] || exit 44
    case $file in
        "$(readlink -f "$1")"/*) ;;
        *) exit 44 ;;
    esac
    unpacked "$file" | fastest | from "$3"
}

# fetch_range FILE START LENGTH OFFSET: likewise, a stretch of a file.
fetch_range() {
    tail -c "+$(($2 + 1))" "$1" | head -c "$3" | fastest | from "$4"
}

# build_image REFERENCE LABEL: of the tar on standard input; all it says on standard output.
build_image() {
    docker build -t "$1" --label "$2" - 2>&1
}
