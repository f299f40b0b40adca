# shellcheck shell=sh
# Changes a link and takes the change back unless it is confirmed: ROOT DIRECTORY MODE.
#
#   run     applies the change, waits for `decided` to say `confirmed`, else reverts; never gives up reverting.
#   boot    before the network comes up: puts the old files back, since a change that a boot interrupted is not confirmed.
#   late    at boot, once it is up (cron): the same, and applies them where that has not been done before.
#   watch   every minute (cron): does `late` where whoever ran is gone.
#
# DIRECTORY is /var/lib/reconciler/network/TOKEN: `plan` says link, owner and seconds; `N.path`, `N.new` and `N.old` (or
# `N.absent`) are the files; `state` is how far it came, in a word and a line; `decided` is written once, by whoever is first.

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

# within SECONDS PROGRAM ARGUMENT…: its words in SAID. By way of a file: a daemon that it leaves behind may hold a pipe open.
within() {
    if command -v timeout >/dev/null 2>&1; then
        timeout "$@" >"$files/said" 2>&1 </dev/null
    else
        shift
        "$@" >"$files/said" 2>&1 </dev/null
    fi
    within_status=$?
    SAID=$(tail -n 5 "$files/said" 2>/dev/null)
    return "$within_status"
}

# Seconds since boot: the clock may be set meanwhile, the more so where a change of the link lets it be.
uptime_seconds() {
    { read -r NOW _ </proc/uptime; } 2>/dev/null || NOW=$(date +%s)
    NOW=${NOW%%.*}
}

# state WORD WORDS
state() {
    state_words=$(printf %s "$2" | tr '\n' ' ')
    printf '%s\n%s\n' "$1" "$state_words" >"$files/.state.$$" && mv -f "$files/.state.$$" "$files/state"
}

# decide WORD: sets DECIDED to what was decided first; fails where that is another word.
decide() {
    printf '%s\n' "$1" >"$files/.decide.$$" || return 1
    ln "$files/.decide.$$" "$files/decided" 2>/dev/null
    rm -f "$files/.decide.$$"
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
        put_new=${put_target%/*}/.reconciler-network-$$
        # The copy keeps mode and owner.
        rm -f "$put_new"
        if [ -f "$put_number.old" ]; then cp -p "$put_number.old" "$put_new" || rm -f "$put_new"; fi
        if ! cat "$put_number.$1" >"$put_new" || ! mv -f "$put_new" "$put_target"; then
            rm -f "$put_new"
            WHY="$put_target cannot be written"
            return 1
        fi
    done
    if command -v sync >/dev/null 2>&1; then within 20 sync; fi
    return 0
}

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

# ifdown reads the files that ifup read: they are put in between.
turn_ifupdown() {
    turn_forced=
    if tool ifdown && within 60 "$TOOL" "$link"; then
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
    # shellcheck disable=SC2086 # Empty, or one word.
    if within "$2" "$TOOL" $turn_forced "$link"; then return 0; fi
    WHY="ifup $link: $(last_words)"
    return 1
}

turn_networkd() {
    put "$1" || return 1
    if tool networkctl && within "$2" "$TOOL" reload && within "$2" "$TOOL" reconfigure "$link"; then return 0; fi
    # Before systemd 244 there is no reload.
    if tool systemctl && within "$2" "$TOOL" restart systemd-networkd; then return 0; fi
    WHY="systemd-networkd: $(last_words)"
    return 1
}

last_words() { printf '%s\n' "${SAID:-no words}" | tail -n 1; }

# What leads back here at the next boot, and the old files.
tidy() {
    rm -f "$ROOT/etc/cron.d/reconciler-network" "$ROOT/etc/init/reconciler-network.conf" \
        "$ROOT/etc/systemd/system/reconciler-network.service" \
        "$ROOT/etc/systemd/system/multi-user.target.wants/reconciler-network.service"
    rm -f "$files"/*.new "$files"/*.old "$files"/*.absent "$files"/*.path
}

# revert WORDS: until it has succeeded. Fails where the change was confirmed in time.
revert() {
    decide reverted || return 1
    revert_attempt=0
    while :; do
        revert_attempt=$((revert_attempt + 1))
        if turn old 120 "$revert_attempt"; then
            state reverted "$1"
            tidy
            return 0
        fi
        state trouble "the revert has failed $revert_attempt times: $WHY"
        revert_pause=$((revert_attempt * 3))
        [ "$revert_pause" -le 60 ] || revert_pause=60
        sleep "$revert_pause"
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

claim() {
    identity "$$" || exit 1
    printf '%s\n' "$IDENTITY" >"$files/.process.$$" && mv -f "$files/.process.$$" "$files/process"
}

run() {
    # Whoever armed it may have given up waiting for it: then nothing is begun.
    mkdir "$files/begun" 2>/dev/null || exit 1
    claim || exit 1
    # The visit that armed it ends before the link goes down, so that its answer gets through.
    sleep 2
    uptime_seconds
    run_end=$((NOW + seconds))
    state applying ''
    if ! turn new "$seconds" 1; then
        revert "the change could not be applied: $WHY"
        return
    fi
    state applied ''
    while [ ! -e "$files/decided" ]; do
        uptime_seconds
        [ "$NOW" -lt "$run_end" ] || break
        sleep 1
    done
    revert "nobody confirmed the change within $seconds s" || settle
}

# Whoever confirmed it does the same, unless his connection broke half-way.
settle() {
    [ "$DECIDED" = confirmed ] || return 1
    state confirmed ''
    tidy
}

# Whether the one that ran is still there.
alive() {
    alive_line=
    { read -r alive_line <"$files/process"; } 2>/dev/null || return 1
    identity "${alive_line%% *}" && [ "$IDENTITY" = "$alive_line" ]
}

# Whether something is left to be taken back.
left() {
    left_word=
    { read -r left_word <"$files/state"; } 2>/dev/null
    case $left_word in
        armed | applying | applied | trouble) ;;
        *) return 1 ;;
    esac
    { read -r left_decided <"$files/decided"; } 2>/dev/null || return 0
    [ "$left_decided" != confirmed ]
}

if [ ! -d "$files" ] || ! plan; then exit 1; fi
case $3 in
    run) run ;;
    boot)
        if ! left || ! decide reverted; then exit 0; fi
        put old || { state trouble "at boot: $WHY"; exit 1; }
        state reverted 'the node booted before the change was confirmed'
        tidy
        ;;
    late)
        left || exit 0
        if [ ! -e "$files/begun" ]; then
            if decide reverted; then state reverted 'the node booted before the change was begun' && tidy; fi
            exit 0
        fi
        claim || exit 1
        revert 'the node booted before the change was confirmed'
        ;;
    watch)
        # Where nobody has begun nothing was changed.
        if [ ! -e "$files/begun" ] || alive || ! left; then exit 0; fi
        claim || exit 1
        revert 'the process that waited for a confirmation ended'
        ;;
esac
