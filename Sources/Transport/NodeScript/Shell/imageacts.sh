# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Acts with the engine's images and with the directory of parts. One load at a time; see load.sh.

# act_image_stage BYTES UNPACKED JANITOR SECONDS LOOKS
act_image_stage() {
    command -v setsid >/dev/null 2>&1 || failed 'setsid is not here; install util-linux'
    command -v flock >/dev/null 2>&1 || failed 'flock is not here; install util-linux'
    command -v docker >/dev/null 2>&1 || failed 'docker is not here; it is to be installed first'
    engine_info || failed "$LINE"
    state_directory
    staged || failed "$WHY"
    stage_room "$1" "$2"
    (
        locked
        stage_directory
        stage_janitor "$3" "$4" "$5"
    ) 9>>"$STATE/lock"
    exit $?
}

# stage_room BYTES UNPACKED: ends where there is not enough. What is staged already takes no more room.
stage_room() {
    stage_parts=$(($1 - STAGED))
    [ "$stage_parts" -gt 0 ] || stage_parts=0
    stage_engine=$(($2 * 2))
    free_room /var/lib/reconciler || failed "$LINE"
    stage_device=$DEVICE
    stage_free=$((FREE * 1024))
    free_room "$ENGINE_ROOT" || failed "$LINE"
    if [ "$stage_device" = "$DEVICE" ]; then
        [ $((stage_parts + stage_engine)) -le "$stage_free" ] ||
            no_room "$ENGINE_ROOT" $((stage_parts + stage_engine)) "$stage_free" \
                "$stage_parts for the parts, $stage_engine for unpacking"
    else
        [ "$stage_parts" -le "$stage_free" ] ||
            no_room /var/lib/reconciler "$stage_parts" "$stage_free" 'for the parts'
        [ "$stage_engine" -le $((FREE * 1024)) ] ||
            no_room "$ENGINE_ROOT" "$stage_engine" $((FREE * 1024)) 'twice the unpacked image'
    fi
}

# no_room PLACE NEEDED FREE WHAT-FOR
no_room() {
    failed "$1: not enough room: $2 bytes are needed ($4), $3 are free; make room and run again"
}

stage_directory() {
    stage_words=$(mkdir -m 700 "$STATE/images" 2>&1) || [ -e "$STATE/images" ] ||
        failed_words /var/lib/reconciler/images "$stage_words"
    if [ -L "$STATE/images" ] || [ ! -d "$STATE/images" ] || ! chmod 700 "$STATE/images" 2>/dev/null; then
        failed '/var/lib/reconciler/images: is no directory of ours; remove it and run again'
    fi
    private_directory "$RUNTIME"
}

# janitor: sets JANITOR to the pid of the one that lives, else to nothing.
janitor() {
    JANITOR=
    janitor_line=
    { read -r janitor_line <"$STATE/images/.janitor"; } 2>/dev/null || return 0
    if identity "${janitor_line%% *}" && [ "$IDENTITY" = "$janitor_line" ]; then
        JANITOR=${janitor_line%% *}
    fi
}

# stage_janitor SCRIPT SECONDS LOOKS
stage_janitor() {
    janitor
    [ -z "$JANITOR" ] || conclude already
    rm -f "$STATE/images/.janitor"
    stage_boot "$1"
    setsid sh -c "$1" janitor "$ROOT" "$2" "$3" </dev/null >/dev/null 2>&1 9>&- &
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        janitor
        [ -z "$JANITOR" ] || break
        sleep 0.1
    done
    [ -n "$JANITOR" ] || failed '/var/lib/reconciler/images: its janitor did not start'
    conclude changed
}

# stage_boot SCRIPT: no janitor lives through a reboot, so the next boot does its work, where cron looks after that.
stage_boot() {
    [ -d "$ROOT/etc/cron.d" ] || return 0
    if printf %s "$1" >"$STATE/images/.boot.new" && mv -f "$STATE/images/.boot.new" "$STATE/images/.boot" &&
        printf '%s\n' "@reboot root sh /var/lib/reconciler/images/.boot '' clear" >"$STATE/images/.cron" &&
        mv -f "$STATE/images/.cron" "$ROOT/etc/cron.d/.reconciler-images.new" &&
        chmod 644 "$ROOT/etc/cron.d/.reconciler-images.new" &&
        mv -f "$ROOT/etc/cron.d/.reconciler-images.new" "$ROOT/etc/cron.d/reconciler-images"; then
        return 0
    fi 2>/dev/null
    rm -f "$STATE/images/.boot.new" "$STATE/images/.cron" "$ROOT/etc/cron.d/.reconciler-images.new"
    failed '/etc/cron.d/reconciler-images: cannot be written, so that nothing would be removed after a reboot'
}

# act_image_clear JANITOR: what it would do, at once.
act_image_clear() {
    if missing "$STATE/images"; then
        conclude already
    fi
    [ -z "$WHY" ] || failed "$WHY"
    if [ -e "$RUNTIME/images.lock" ] && command -v flock >/dev/null 2>&1 && ! flock -n "$RUNTIME/images.lock" true; then
        failed 'parts are being loaded; the janitor removes them afterwards'
    fi
    janitor
    if [ -n "$JANITOR" ]; then
        clear_janitor=$IDENTITY
        kill -TERM "$JANITOR" 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            if ! identity "$JANITOR" || [ "$IDENTITY" != "$clear_janitor" ]; then break; fi
            sleep 0.1
        done
    fi
    clear_words=$(bounded 60 sh -c "$1" janitor "$ROOT" clear 2>&1) ||
        failed_words '/var/lib/reconciler/images: cannot be removed' "$clear_words"
    conclude changed
}

# act_image_load JOB SCRIPT REFERENCE ID KIND LAYERS PART…
act_image_load() {
    new_job "$1"
    load_script=$2
    shift 2
    start_job "$load_script" load "$@"
}

# act_image_pull JOB SCRIPT REFERENCE SOURCE
act_image_pull() {
    new_job "$1"
    start_job "$2" pull "$3" "$4"
}

# image_id NAME: sets IMAGE to its id, to nothing where there is none. Fails where the engine does not tell.
image_id() {
    IMAGE=
    if ask_docker 20 inspect --format '{{.Id}}' "$1"; then
        last_line "$SAID"
        IMAGE=$LINE
        return 0
    fi
    case $SAID in
        *'No such'*) return 0 ;;
    esac
    return 1
}

# act_image_tag ID REFERENCE
act_image_tag() {
    image_id "$2" || failed "$LINE"
    [ "$IMAGE" != "$1" ] || conclude already
    tag_before=$IMAGE
    # Engines before 1.10 move a name only with -f, which later ones do not know.
    if ! ask_docker 30 tag "$1" "$2"; then
        case $SAID in
            *'-f option'*) ask_docker 30 tag -f "$1" "$2" || failed "$LINE" ;;
            *) failed "$LINE" ;;
        esac
    fi
    image_id "$2" || failed "$LINE"
    [ "$IMAGE" = "$1" ] || failed "docker tag reported success, yet $2 is ${IMAGE:-nothing}, not $1"
    field detail "${tag_before:+it was $tag_before}"
    conclude changed
}

# image_names ID: sets NAMES. From the table too, since engines before 1.9 tell none otherwise.
image_names() {
    ask_docker 20 inspect --format '{{range .RepoTags}}{{.}} {{end}}' "$1" || return 1
    NAMES=$SAID
    ask_docker 20 images --no-trunc || return 1
    NAMES=$(printf '%s\n%s\n' "$NAMES" "$(printf '%s\n' "$SAID" |
        awk -v id="$1" '$3 == id && $1 != "<none>" && $2 != "<none>" { print $1 ":" $2 }')" |
        tr ' ' '\n' | awk 'NF && !/<none>/ && !seen[$0]++' | tr '\n' ' ')
    NAMES=${NAMES% }
}

# act_image_remove ID
act_image_remove() {
    image_id "$1" || failed "$LINE"
    [ -n "$IMAGE" ] || conclude already
    [ "$IMAGE" = "$1" ] || failed "$1: the engine takes it for $IMAGE"
    used_images || failed "$LINE"
    case $newline$USED in
        *"$newline$1$newline"*) failed "$1: a container was made from it; nothing was removed" ;;
    esac
    image_names "$1" || failed "$LINE"
    [ -z "$NAMES" ] || failed "$1: it has a name ($NAMES); nothing was removed"
    if ! ask_docker 60 rmi "$1"; then
        case $SAID in
            *'No such image'*) conclude already ;;
        esac
        failed "$LINE"
    fi
    conclude changed
}
