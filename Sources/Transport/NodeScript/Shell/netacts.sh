# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Arming a change of a link on the node, confirming it, and telling how it stands; see netguard.sh.

# net_state DIRECTORY: sets NET_STATE, and NET_WORDS to the words with it.
net_state() {
    NET_STATE=
    NET_WORDS=
    { IFS= read -r NET_STATE && IFS= read -r NET_WORDS; } 2>/dev/null <"$1/state"
    [ -n "$NET_STATE" ]
}

# net_left TOKEN: fails where another change is not over; those that are over are removed.
net_left() {
    for net_left_one in "$STATE/network"/*/; do
        net_left_one=${net_left_one%/}
        [ -d "$net_left_one" ] || continue
        [ "${net_left_one##*/}" != "$1" ] || continue
        net_state "$net_left_one"
        case $NET_STATE in
            confirmed | reverted) ;;
            # Whoever armed it was cut off before anything could lead back to it.
            '') net_laid_by "$net_left_one" ;;
            # What was confirmed or never begun is ended; all else is under way.
            *)
                if ! sh "$net_left_one/guard" "$ROOT" "${net_left_one#"$ROOT"}" over </dev/null >/dev/null 2>&1 9>&-; then
                    NET_WORDS="${net_left_one#"$ROOT"} is $NET_STATE${NET_WORDS:+ ($NET_WORDS)}"
                    return 1
                fi
                ;;
        esac
        rm -rf "$net_left_one"
    done
    return 0
}

# net_laid_by DIRECTORY: removes what its change laid by beside the files (netguard.sh, `beside`).
net_laid_by() {
    for net_laid_path in "$1"/*.path; do
        net_laid_file=
        { IFS= read -r net_laid_file <"$net_laid_path"; } 2>/dev/null
        [ -n "$net_laid_file" ] || continue
        net_laid_number=${net_laid_path##*/}
        rm -f "$ROOT${net_laid_file%/*}/.reconciler-network-${1##*/}-${net_laid_number%.path}.old"
    done
}

# net_tool NAME: sets NET_TOOL to the program of the system (of the scratch root), never to an applet of the shell's own.
net_tool() {
    for net_tool_place in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
        NET_TOOL=$ROOT$net_tool_place/$1
        if [ -x "$NET_TOOL" ]; then return 0; fi
    done
    return 1
}

# act_network_arm TOKEN LINK OWNER SECONDS GUARD { PATH EXPECTED VALUE BYTES CONTENT }…
act_network_arm() {
    command -v setsid >/dev/null 2>&1 || failed 'setsid is not here; install util-linux'
    command -v cmp >/dev/null 2>&1 || failed 'cmp is not here; install diffutils'
    case $3 in
        ifupdown)
            { net_tool ifup && net_tool ifdown; } || failed 'ifup and ifdown are not here; the link has another owner'
            ;;
        networkd) net_tool networkctl || failed 'networkctl is not here; the link has another owner' ;;
        *) failed "links of $3 are not changed" ;;
    esac
    state_directory
    arm_directory=$STATE/network/$1
    (
        locked
        if [ -d "$arm_directory" ]; then
            net_state "$arm_directory"
            field detail "${NET_STATE:-armed}"
            conclude already
        fi
        net_left "$1" || failed "another change of a link is not over: $NET_WORDS"
        arm_words=$( (umask 077 && mkdir -p "$arm_directory") 2>&1) ||
            failed_words "${arm_directory#"$ROOT"}" "$arm_words"
        arm_files "$@"
        arm_boot "$1"
        arm_start "$1"
    ) 9>>"$STATE/lock"
    exit $?
}

# arm_undone KIND WORDS: nothing of it stays.
arm_undone() {
    rm -f "$ROOT/etc/cron.d/reconciler-network" "$ROOT/etc/init/reconciler-network.conf" \
        "$ROOT/etc/systemd/system/reconciler-network.service" \
        "$ROOT/etc/systemd/system/multi-user.target.wants/reconciler-network.service"
    net_laid_by "$arm_directory"
    rm -rf "$arm_directory"
    conclude "$1" "$2"
}

arm_full() { arm_undone failed "${arm_directory#"$ROOT"}: cannot be written; is the disk full?"; }

arm_files() {
    if ! printf 'link=%s\nowner=%s\nseconds=%s\n' "$2" "$3" "$4" >"$arm_directory/plan" ||
        ! printf %s "$5" >"$arm_directory/guard"; then
        arm_full
    fi
    for arm_word in confirmed reverted; do
        printf '%s\n' "$arm_word" >"$arm_directory/vote.$arm_word" || arm_full
    done
    for arm_word in confirmed reverted trouble; do
        printf '%s\nthe disk was full: no more is known\n' "$arm_word" >"$arm_directory/word.$arm_word" || arm_full
    done
    printf '%-79s\n' '' >"$arm_directory/process" || arm_full
    shift 5
    arm_number=0
    while [ $# -ge 5 ]; do
        arm_number=$((arm_number + 1))
        resolve "$1" || arm_undone failed "$1: too many levels of symbolic links"
        expectation "$2" "$3" "$ROOT$RESOLVED" || arm_undone conflict "$1: $FOUND"
        printf '%s\n' "$RESOLVED" >"$arm_directory/$arm_number.path" || arm_full
        if [ -f "$ROOT$RESOLVED" ]; then
            cp -p "$ROOT$RESOLVED" "$arm_directory/$arm_number.old" ||
                arm_undone failed "$1: no backup could be made, nothing was changed"
            # What was there may have changed while it was kept.
            expectation "$2" "$3" "$arm_directory/$arm_number.old" || arm_undone conflict "$1: $FOUND"
            # The disk may be full when it is needed: then a rename is all that is left.
            arm_beside=$ROOT${RESOLVED%/*}/.reconciler-network-${arm_directory##*/}-$arm_number.old
            cp -p "$arm_directory/$arm_number.old" "$arm_beside" ||
                arm_undone failed "$1: no copy could be made beside it, nothing was changed"
        else
            : >"$arm_directory/$arm_number.absent"
        fi
        printf %b "$5" >"$arm_directory/$arm_number.new" || arm_full
        arm_size=$(wc -c <"$arm_directory/$arm_number.new") || arm_size=-1
        [ "$arm_size" -eq "$4" ] || arm_full
        shift 5
    done
    printf 'armed\n\n' >"$arm_directory/state" || arm_full
    if command -v sync >/dev/null 2>&1; then bounded 20 sync; fi
}

# arm_boot TOKEN: no process lives through a boot, so the boot itself takes an unconfirmed change back: before the network
# comes up where the init system has a place for that, and once cron runs.
arm_boot() {
    arm_script=/var/lib/reconciler/network/$1/guard
    arm_guard="$arm_script '$ROOT' /var/lib/reconciler/network/$1"
    arm_places=0
    if [ -d "$ROOT/etc/cron.d" ]; then
        arm_put /etc/cron.d/reconciler-network \
            '# Takes a change of a link back that nobody confirmed; removed once it is confirmed or taken back.' \
            "@reboot root [ ! -f $arm_script ] || /bin/sh $arm_guard late" \
            "* * * * * root [ ! -f $arm_script ] || /bin/sh $arm_guard watch"
        # The directory may be there without anybody who reads it.
        if net_tool cron || net_tool crond; then arm_places=$((arm_places + 1)); fi
    fi
    if [ -d "$ROOT/run/systemd/system" ]; then
        arm_put /etc/systemd/system/reconciler-network.service '[Unit]' \
            'Description=Take a change of a link back that nobody confirmed' \
            'DefaultDependencies=no' 'After=local-fs.target systemd-remount-fs.service' \
            'Before=network-pre.target networking.service systemd-networkd.service' 'Wants=network-pre.target' \
            'RequiresMountsFor=/var/lib/reconciler /etc' "ConditionPathExists=$arm_script" '[Service]' 'Type=oneshot' \
            "ExecStart=/bin/sh $arm_guard boot"
        arm_places=$((arm_places + 1))
        arm_wants=$ROOT/etc/systemd/system/multi-user.target.wants
        if ! mkdir -p "$arm_wants" || ! ln -sf ../reconciler-network.service "$arm_wants/reconciler-network.service"; then
            arm_undone failed '/etc/systemd/system/reconciler-network.service: cannot be enabled'
        fi
    elif [ -d "$ROOT/etc/init" ] && [ ! -d "$ROOT/etc/systemd/system" ]; then
        arm_put /etc/init/reconciler-network.conf \
            'description "Take a change of a link back that nobody confirmed"' \
            'start on (starting networking or starting network-interface)' 'task' \
            "exec /bin/sh -c \"[ ! -f $arm_script ] || /bin/sh $arm_guard boot\""
        arm_places=$((arm_places + 1))
    fi
    [ "$arm_places" -gt 0 ] ||
        arm_undone failed 'neither cron, systemd nor upstart is here to take the change back after a reboot; install cron'
}

# arm_put PATH LINE…
arm_put() {
    arm_path=$1
    shift
    if ! printf '%s\n' "$@" >"$ROOT$arm_path" || ! chmod 644 "$ROOT$arm_path"; then
        arm_undone failed "$arm_path: cannot be written, so that nothing would take the change back after a reboot"
    fi
}

# arm_start TOKEN: a unit of its own where systemd is, since the end of an ssh session may end all that began in it.
arm_start() {
    set -- "$arm_directory/guard" "$ROOT" "/var/lib/reconciler/network/$1" run
    # Older ones know no such properties of a unit that is not in a file.
    if ! arm_unit --property=Restart=on-failure --property=RestartSec=2 "$@" && ! arm_unit "$@"; then
        setsid sh "$@" </dev/null >"$arm_directory/log" 2>&1 9>&- &
    fi
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        ! arm_begun || break
        sleep 0.1
    done
    # Only one of the two makes this directory, and only one of the two decides: what has not begun by now never will.
    if ! arm_begun; then
        mkdir "$arm_directory/begun" 2>/dev/null || ln "$arm_directory/vote.reverted" "$arm_directory/decided" 2>/dev/null
        arm_undone failed 'what would take the change back did not start; nothing was changed'
    fi
    field detail armed
    conclude changed
}

# arm_begun: whether the process has written itself down.
arm_begun() {
    arm_process=
    { read -r arm_process <"$arm_directory/process"; } 2>/dev/null
    [ -n "$arm_process" ]
}

# arm_unit PROPERTY… GUARD ROOT DIRECTORY run: fails where systemd is not or does not.
arm_unit() {
    [ -d "$ROOT/run/systemd/system" ] && net_tool systemd-run || return 1
    arm_properties=
    while [ "${1#--}" != "$1" ]; do
        arm_properties="$arm_properties $1"
        shift
    done
    # What ifup leaves running (a DHCP client) outlives the process that called it.
    # shellcheck disable=SC2086 # Words without blanks, or none.
    bounded 15 "$NET_TOOL" --quiet --unit="reconciler-network-${arm_directory##*/}" --property=KillMode=process \
        $arm_properties /bin/sh "$@" </dev/null >/dev/null 2>&1 9>&-
}

# act_network_confirm TOKEN: the change stays.
act_network_confirm() {
    confirm_directory=$STATE/network/$1
    net_state "$confirm_directory" || failed "no change $1 is armed here"
    case $NET_STATE in
        confirmed) conclude already ;;
        applied) ;;
        reverted | trouble) conclude conflict "the change is $NET_STATE: $NET_WORDS" ;;
        *) failed "the change is not applied yet ($NET_STATE)" ;;
    esac
    ln "$confirm_directory/vote.confirmed" "$confirm_directory/decided" 2>/dev/null
    confirm_decided=
    { read -r confirm_decided <"$confirm_directory/decided"; } 2>/dev/null
    case $confirm_decided in
        confirmed) ;;
        '') failed "${confirm_directory#"$ROOT"}: cannot be written" ;;
        *) conclude conflict 'it came too late: the change is being taken back' ;;
    esac
    sh "$confirm_directory/guard" "$ROOT" "${confirm_directory#"$ROOT"}" over </dev/null >/dev/null 2>&1
    net_state "$confirm_directory"
    [ "$NET_STATE" = confirmed ] || failed "${confirm_directory#"$ROOT"}: cannot be written; the change stays"
    for confirm_place in /etc/cron.d/reconciler-network /etc/init/reconciler-network.conf \
        /etc/systemd/system/reconciler-network.service; do
        [ ! -e "$ROOT$confirm_place" ] || failed "the change is confirmed, and $confirm_place could not be removed"
    done
    # A power cut would otherwise bring a change back that was said to stay.
    if command -v sync >/dev/null 2>&1; then bounded 10 sync; fi
    conclude changed
}

# act_network_collect TOKEN: how it stands, in a word and perhaps words.
act_network_collect() {
    collect_directory=$STATE/network/$1
    net_state "$collect_directory" || failed "no change $1 is armed here"
    case $NET_STATE in
        armed | applying | applied)
            collect_process=
            { read -r collect_process <"$collect_directory/process"; } 2>/dev/null
            if [ -n "$collect_process" ] &&
                { ! identity "${collect_process%% *}" || [ "$IDENTITY" != "$collect_process" ]; }; then
                # It may have ended between the two looks.
                net_state "$collect_directory"
                case $NET_STATE in
                    armed | applying | applied)
                        NET_STATE=trouble
                        NET_WORDS='the process that waited for a confirmation is gone; cron takes the change back, or the next boot'
                        ;;
                esac
            fi
            ;;
    esac
    field detail "$NET_STATE${NET_WORDS:+ $NET_WORDS}"
    conclude changed
}
