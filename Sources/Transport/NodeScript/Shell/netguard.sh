# shellcheck shell=sh
# Changes a link and takes the change back unless it is confirmed: ROOT DIRECTORY MODE.
#
#   run     applies the change, waits for `decided` to say `confirmed`, else reverts; never gives up reverting. Started again
#           after it was killed, it does what `watch` does.
#   boot    before the network comes up: puts the old files back, since a change that a boot interrupted is not confirmed.
#   late    at boot, once it is up (cron): the same, and applies them where that has not been done before.
#   watch   every minute (cron): does `late` where whoever ran is gone.
#   over    ends what is confirmed or was never begun; fails where the change is under way.
#
# DIRECTORY is /var/lib/reconciler/network/TOKEN: `plan` says link, owner and seconds; `N.path`, `N.new` and `N.old` (or
# `N.absent`) are the files; `state` is how far it came, in a word and a line; `decided` is made once, by whoever is first.
# All that a revert needs is on the disk before the change begins: it must succeed where the disk is full by then.

LC_ALL=C
export LC_ALL
umask 022
ROOT=$1
directory=$2
files=$ROOT$directory
[ -n "$ROOT" ] || PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
WHY=

# What the plan says; read, never sourced.
plan() {
    link=
    owner=
    seconds=60
    while IFS='=' read -r plan_key plan_value; do
        case $plan_key in
            link) link=$plan_value ;;
            owner) owner=$plan_value ;;
            seconds) seconds=$plan_value ;;
        esac
    done <"$files/plan"
    [ -n "$link" ] && [ -n "$owner" ]
}

# tool NAME: sets TOOL to the program of the system (of the scratch root), never to an applet of the shell's own.
tool() {
    for tool_place in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
        TOOL=$ROOT$tool_place/$1
        if [ -x "$TOOL" ] && [ ! -d "$TOOL" ]; then return 0; fi
    done
    TOOL=
    return 1
}

# A program that takes no notice of being told to end would keep the link down.
KILL=
if timeout -k 1 5 true >/dev/null 2>&1; then KILL='-k 3'; fi

# within SECONDS PROGRAM ARGUMENT…: its words in SAID. By way of a file: a daemon that it leaves behind may hold a pipe open.
within() {
    within_said=$files/said
    { : >"$within_said"; } 2>/dev/null || within_said=/dev/null
    if command -v timeout >/dev/null 2>&1; then
        # shellcheck disable=SC2086 # Empty, or two words.
        timeout $KILL "$@" >"$within_said" 2>&1 </dev/null
    else
        shift
        "$@" >"$within_said" 2>&1 </dev/null
    fi
    within_status=$?
    SAID=$(tail -n 5 "$within_said" 2>/dev/null)
    return "$within_status"
}

# Seconds since boot: the clock may be set meanwhile, the more so where a change of the link lets it be.
uptime_seconds() {
    { read -r NOW _ </proc/uptime; } 2>/dev/null || NOW=$(date +%s)
    NOW=${NOW%%.*}
}

# state WORD WORDS. A full disk has no room for words: `word.WORD` was laid by when there was some.
state() {
    state_words=$(printf %s "$2" | tr '\n' ' ')
    if { printf '%s\n%s\n' "$1" "$state_words" >"$files/.state.$$"; } 2>/dev/null && [ -s "$files/.state.$$" ] &&
        mv -f "$files/.state.$$" "$files/state"; then
        return 0
    fi
    rm -f "$files/.state.$$"
    [ -f "$files/word.$1" ] && mv -f "$files/word.$1" "$files/state"
}

# read_state: sets STATE to the word.
read_state() {
    STATE=
    { read -r STATE <"$files/state"; } 2>/dev/null
}

# decide WORD: sets DECIDED to what was decided first; fails where that is another word. A link to a file that is there
# already: whole after a power cut, and possible on a full disk.
decide() {
    ln "$files/vote.$1" "$files/decided" 2>/dev/null
    DECIDED=
    { read -r DECIDED <"$files/decided"; } 2>/dev/null
    [ "$DECIDED" = "$1" ]
}

# put KIND: every file as `new` or `old` has it; what is so already stays untouched.
put() {
    for put_path in "$files"/*.path; do
        [ -f "$put_path" ] || continue
        put_number=${put_path%.path}
        { read -r put_target <"$put_path"; } 2>/dev/null || { WHY="$put_path cannot be read"; return 1; }
        put_target=$ROOT$put_target
        if [ "$1" = old ] && [ -f "$put_number.absent" ]; then
            if [ -e "$put_target" ] && ! rm -f "$put_target"; then
                WHY="$put_target cannot be removed"
                return 1
            fi
            continue
        fi
        if cmp -s "$put_number.$1" "$put_target"; then continue; fi
        if ! put_one "$put_number" "$1" "$put_target"; then
            WHY="$put_target cannot be written"
            return 1
        fi
    done
    if command -v sync >/dev/null 2>&1; then within 20 sync; fi
    return 0
}

# put_one NUMBER KIND TARGET: by a rename, so that nobody reads half a file.
put_one() {
    beside "$1" "$3"
    if [ "$2" = old ] && cmp -s "$1.old" "$BESIDE.old" && mv -f "$BESIDE.old" "$3"; then
        relabel "$3"
        return 0
    fi
    rm -f "$BESIDE.new"
    # The copy keeps mode and owner.
    if [ -f "$1.old" ]; then cp -p "$1.old" "$BESIDE.new" 2>/dev/null || rm -f "$BESIDE.new"; fi
    if { cat "$1.$2" >"$BESIDE.new"; } 2>/dev/null && cmp -s "$1.$2" "$BESIDE.new" && mv -f "$BESIDE.new" "$3"; then
        relabel "$3"
        return 0
    fi
    rm -f "$BESIDE.new"
    return 1
}

# beside NUMBER TARGET: sets BESIDE to the stem of this change's own files beside the target: `.old` was laid there when it was
# armed. No stack reads names that begin with a dot.
beside() { BESIDE=${2%/*}/.reconciler-network-${files##*/}-${1##*/}; }

relabel() { ! command -v restorecon >/dev/null 2>&1 || restorecon "$1" >/dev/null 2>&1; }

# turn KIND LIMIT ATTEMPT: the link with the files of that kind, through the stack that owns it.
turn() {
    case $owner in
        ifupdown) turn_ifupdown "$@" ;;
        networkd) turn_networkd "$@" ;;
        *)
            WHY="$link belongs to $owner"
            return 1
            ;;
    esac
}

# ifdown reads the files that ifup read: they are put in between. LIMIT is for all of it.
turn_ifupdown() {
    turn_forced=
    uptime_seconds
    turn_end=$((NOW + $2))
    # The shorter the others wait for this node, the less of it goes to a program that does not end.
    turn_down=$((seconds / 3))
    [ "$turn_down" -ge 5 ] || turn_down=5
    if tool ifdown && within "$turn_down" "$TOOL" "$link"; then
        case $SAID in
            *'not configured'*) turn_forced=--force ;;
        esac
    else
        turn_forced=--force
    fi
    put "$1" || return 1
    if [ "$3" -gt 1 ] && tool ip; then within 20 "$TOOL" -4 addr flush dev "$link"; fi
    if ! tool ifup; then
        WHY='ifup is not here'
        return 1
    fi
    uptime_seconds
    turn_left=$((turn_end - NOW))
    [ "$turn_left" -ge 1 ] || turn_left=1
    # shellcheck disable=SC2086 # Empty, or one word.
    if within "$turn_left" "$TOOL" $turn_forced "$link"; then return 0; fi
    WHY="ifup $link: $(last_words)"
    return 1
}

turn_networkd() {
    put "$1" || return 1
    turn_part=$(($2 / 3 + 1))
    if tool networkctl && within "$turn_part" "$TOOL" reload && within "$turn_part" "$TOOL" reconfigure "$link"; then
        return 0
    fi
    # Before systemd 244 there is no reload.
    if tool systemctl && within "$turn_part" "$TOOL" restart systemd-networkd; then return 0; fi
    WHY="systemd-networkd: $(last_words)"
    return 1
}

last_words() { printf '%s\n' "${SAID:-no words}" | tail -n 1; }

# What leads back here at the next boot, and the files.
tidy() {
    rm -f "$ROOT/etc/cron.d/reconciler-network" "$ROOT/etc/init/reconciler-network.conf" \
        "$ROOT/etc/systemd/system/reconciler-network.service" \
        "$ROOT/etc/systemd/system/multi-user.target.wants/reconciler-network.service"
    for tidy_path in "$files"/*.path; do
        [ -f "$tidy_path" ] || continue
        tidy_target=
        { read -r tidy_target <"$tidy_path"; } 2>/dev/null
        [ -n "$tidy_target" ] || continue
        beside "${tidy_path%.path}" "$ROOT$tidy_target"
        rm -f "$BESIDE.old" "$BESIDE.new"
    done
    rm -f "$files"/*.new "$files"/*.old "$files"/*.absent "$files"/*.path
}

# finish WORD WORDS
finish() {
    state "$1" "$2"
    tidy
}

# pause SECONDS: fails where neither a program to sleep with nor the change is there any more: a loop would only burn.
pause() { sleep "$1" || [ -d "$files" ]; }

# revert WORDS: until it has succeeded. Fails where the change was confirmed in time.
revert() {
    decide reverted || return 1
    revert_attempt=0
    while :; do
        revert_attempt=$((revert_attempt + 1))
        if turn old 120 "$revert_attempt"; then
            finish reverted "$1"
            return 0
        fi
        state trouble "the revert has failed $revert_attempt times: $WHY"
        revert_pause=$((revert_attempt * 3))
        [ "$revert_pause" -le 60 ] || revert_pause=60
        pause "$revert_pause" || return 1
    done
}

# identity PID: sets IDENTITY, the same for as long as it is the same process (common.sh has it for visits).
identity() {
    { read -r identity_line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # shellcheck disable=SC2086
    set -- "$1" ${identity_line##*') '}
    case $2 in
        Z | X | x) return 1 ;;
    esac
    { read -r identity_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || identity_boot=-
    IDENTITY="$1 ${21} $identity_boot"
}

# In place: the file was made with that length, so that there is room for it on a full disk.
claim() { identity "$$" && { printf '%-79s\n' "$IDENTITY" 1<>"$files/process"; } 2>/dev/null; }

run() {
    # Whoever armed it may have given up waiting for it: then nothing is begun.
    if ! mkdir "$files/begun" 2>/dev/null; then
        watch
        return
    fi
    if ! claim; then
        give_up 'it was never begun: the process that was to wait could not write itself down'
        return
    fi
    # The visit that armed it ends before the link goes down, so that its answer gets through.
    sleep 2
    uptime_seconds
    run_end=$((NOW + seconds))
    # What cannot be written down is not begun.
    if [ -e "$files/decided" ] || ! state applying ''; then
        give_up 'it was never begun: that could not be written down'
        return
    fi
    if ! turn new "$seconds" 1; then
        revert "the change could not be applied: $WHY" || settle
        return
    fi
    state applied ''
    while [ ! -e "$files/decided" ]; do
        uptime_seconds
        [ "$NOW" -lt "$run_end" ] || break
        pause 1 || return
    done
    revert "nobody confirmed the change within $seconds s" || settle
}

# settle: what was confirmed is over, by whoever comes first. Fails where it was not confirmed.
settle() {
    DECIDED=
    { read -r DECIDED <"$files/decided"; } 2>/dev/null
    [ "$DECIDED" = confirmed ] || return 1
    finish confirmed ''
}

# give_up WORDS: of a change that never began, so that the link is not touched.
give_up() { decide reverted && finish reverted "$1"; }

# Whether the one that ran is still there.
alive() {
    alive_line=
    { read -r alive_line <"$files/process"; } 2>/dev/null || return 1
    [ -n "$alive_line" ] && identity "${alive_line%% *}" && [ "$IDENTITY" = "$alive_line" ]
}

# Whether something is left to be taken back.
left() {
    read_state
    case $STATE in
        armed | applying | applied | trouble) return 0 ;;
    esac
    return 1
}

# Nobody is there who waits for a confirmation.
orphaned() {
    if [ "$STATE" = armed ]; then
        give_up 'it was armed and never begun'
        return
    fi
    # Two of these at once only where even this cannot be written.
    claim
    revert "$1" || settle
}

watch() {
    if alive || settle || ! left; then return 0; fi
    # Whoever is arming it at this moment has made no process yet: only what is so a minute later stays so.
    if [ ! -e "$files/begun" ]; then
        if mkdir "$files/idle" 2>/dev/null || ! mkdir "$files/begun" 2>/dev/null; then return 0; fi
    fi
    orphaned 'the process that waited for a confirmation ended'
}

# Where the link came up before this had its turn, with the new files, they are applied as well.
boot() {
    if settle || ! left || ! decide reverted; then return 0; fi
    boot_turn=put
    if [ "$owner" = ifupdown ] && grep -q "^$link=" "$ROOT/run/network/ifstate" 2>/dev/null; then boot_turn=turn; fi
    if "$boot_turn" old 60 1; then
        finish reverted 'the node booted before the change was confirmed'
    else
        state trouble "at boot: $WHY"
        return 1
    fi
}

if [ ! -d "$files" ] || ! plan; then
    # Nothing is left to be done: a failure would have systemd start it again and again.
    [ "$3" != over ]
    exit
fi
case $3 in
    run) run || : ;;
    boot) boot ;;
    late) settle || ! left || orphaned 'the node booted before the change was confirmed' ;;
    watch) watch ;;
    over)
        if settle || ! left; then exit 0; fi
        if [ "$STATE" = armed ] && { mkdir "$files/begun" 2>/dev/null || ! alive; }; then
            give_up 'it was armed and never begun'
        else
            exit 1
        fi
        ;;
esac
