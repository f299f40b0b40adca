# shellcheck shell=sh
# Removes the directory of parts: ROOT SECONDS LOOKS, once it looked the same LOOKS times, SECONDS apart; or ROOT clear, at once.
# Detached from any connection, so that nothing stays behind where nobody is left to remove it; cron runs it at the next boot.

LC_ALL=C
export LC_ALL
umask 077
ROOT=$1
images=$ROOT/var/lib/reconciler/images
lock=$ROOT/run/reconciler/images.lock

# The lines that let another node fetch parts from here, in the files that .feeds names.
forget_feeders() {
    [ -f "$images/.feeds" ] || return 0
    while read -r feeder_file; do
        feeder_file=$(readlink -f "$ROOT$feeder_file") || continue
        grep -a -q ' reconciler-feed-' "$feeder_file" 2>/dev/null || continue
        # A copy that keeps mode and owner, with other content.
        if cp -p "$feeder_file" "$feeder_file.reconciler-$$"; then
            grep -a -v ' reconciler-feed-' "$feeder_file" >"$feeder_file.reconciler-$$"
            if [ $? -le 1 ] && mv -f "$feeder_file.reconciler-$$" "$feeder_file"; then
                continue
            fi
        fi
        rm -f "$feeder_file.reconciler-$$"
        feeders_left=1
    done <"$images/.feeds"
}

# The parts, and what keys lead to: a full disk must not keep them. Then the keys: what names them is in the directory.
clean() {
    rm -f "$images"/[0-9a-f]* "$images/.feed"
    feeders_left=0
    forget_feeders
    if [ "$feeders_left" -ne 0 ]; then
        echo 'a key that lets another node fetch parts could not be removed' >&2
        return 1
    fi
    rm -rf "$images" && rm -f "$ROOT/etc/cron.d/reconciler-images" "$ROOT/etc/cron.d/.reconciler-images.new"
}

# Sizes and times, so that the node's clock may jump as it likes.
look() { stat -c '%n %s %Y' "$images" "$images"/* 2>/dev/null; }

# Whether this is the one that the directory names; another may have taken its place.
in_charge() {
    in_charge_line=
    { read -r in_charge_line <"$images/.janitor"; } 2>/dev/null || return 1
    [ "$in_charge_line" = "$IDENTITY" ]
}

# What is being loaded is in use, however long that takes.
clean_unless_loading() {
    (
        flock -n 9 || exit 1
        clean
    ) 9>>"$lock"
}

watch() {
    identity "$$" || exit 1
    printf '%s\n' "$IDENTITY" >"$images/.janitor.new" && mv -f "$images/.janitor.new" "$images/.janitor" || exit 1
    sleeper=
    trap '[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null; exit 0' HUP INT TERM
    watch_looks=0
    watch_seen=$(look)
    while in_charge; do
        sleep "$1" &
        sleeper=$!
        wait "$sleeper"
        # Its number may be another's from here on.
        sleeper=
        watch_now=$(look)
        if [ "$watch_now" != "$watch_seen" ]; then
            watch_seen=$watch_now
            watch_looks=0
            continue
        fi
        watch_looks=$((watch_looks + 1))
        [ "$watch_looks" -ge "$2" ] || continue
        if in_charge && clean_unless_loading; then
            exit 0
        fi
        watch_looks=0
    done
}

if [ "$2" = clear ]; then
    clean
else
    watch "$2" "$3"
fi
