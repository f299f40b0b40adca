# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# One run of haproxy-marathon-bridge, as cron does it; what came of it is what it wrote down.

# bridge_run: sets the values of the last run: AT, OUTCOME and MESSAGE.
bridge_run() {
    bridge_text=$(cat "$ROOT/var/lib/haproxy-marathon-bridge/last-run" 2>/dev/null)
    value_of at "$bridge_text"
    AT=$VALUE
    case $AT in
        '' | *[!0-9]*) AT=0 ;;
    esac
    value_of outcome "$bridge_text"
    OUTCOME=$VALUE
    value_of message "$bridge_text"
    MESSAGE=$VALUE
}

# bridge_backup: keeps a haproxy.cfg that the bridge has not made.
bridge_backup() {
    bridge_file=$ROOT/etc/haproxy/haproxy.cfg
    [ -f "$bridge_file" ] || return 0
    digest_of "$bridge_file" || failed '/etc/haproxy/haproxy.cfg: cannot be read'
    bridge_digest=$DIGEST
    bridge_good=$ROOT/var/lib/haproxy-marathon-bridge/haproxy.cfg.good
    if [ -f "$bridge_good" ] && digest_of "$bridge_good" && [ "$DIGEST" = "$bridge_digest" ]; then return 0; fi
    backup "$bridge_file" /etc/haproxy/haproxy.cfg
    bridge_kept=", the old file is $BACKUP"
}

act_refresh_balancer() {
    bridge_script=$ROOT/usr/local/bin/haproxy-marathon-bridge
    [ -x "$bridge_script" ] || failed '/usr/local/bin/haproxy-marathon-bridge: is not there, or cannot be run'
    bridge_kept=
    bridge_backup
    bridge_marathons=$(cat "$ROOT/etc/haproxy-marathon-bridge/marathons" 2>/dev/null) ||
        failed '/etc/haproxy-marathon-bridge/marathons: cannot be read'
    bridge_began=$(date +%s)
    # A session of its own: a dropped connection does not end it half-way.
    bridge_session=setsid
    command -v setsid >/dev/null 2>&1 || bridge_session=
    # shellcheck disable=SC2086
    bridge_words=$(bounded 80 $bridge_session "$bridge_script" logged refresh_system_haproxy $bridge_marathons 2>&1 9>&-)
    bridge_status=$?
    # Where cron's own run has the lock (4), its result counts.
    bridge_wait=2
    [ "$bridge_status" -ne 4 ] || bridge_wait=60
    bridge_end=$(($(date +%s) + bridge_wait))
    bridge_run
    while [ "$AT" -lt "$bridge_began" ] && [ "$(date +%s)" -lt "$bridge_end" ]; do
        sleep 0.5
        bridge_run
    done
    if [ "$AT" -lt "$bridge_began" ]; then
        last_line "$bridge_words"
        failed "the bridge ended with status $bridge_status and did not say what it did${LINE:+: $LINE}"
    fi
    case $OUTCOME in
        unchanged) conclude already ;;
        updated)
            field detail "haproxy.cfg was made anew$bridge_kept${MESSAGE:+; $MESSAGE}"
            conclude changed
            ;;
        kept) failed "the bridge kept what was there: ${MESSAGE:-without saying why}" ;;
        failed) failed "the bridge failed: ${MESSAGE:-without saying why}" ;;
        *) failed "the bridge says \`$OUTCOME\`, which is not known here" ;;
    esac
}
