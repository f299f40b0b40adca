# shellcheck shell=sh disable=SC2034,SC2154 # Variables are shared between these files.
# Keeping packages at the version they have.

# act_hold_packages NAME…
act_hold_packages() {
    if command -v dpkg-query >/dev/null 2>&1; then
        hold_apt "$@"
    elif command -v yum >/dev/null 2>&1; then
        hold_yum "$@"
    else
        failed 'neither apt nor yum is here'
    fi
    conclude changed
}

# held_by_dpkg NAME
held_by_dpkg() {
    case $(dpkg-query -W -f '${Status}=${Version}' "$1" 2>/dev/null) in
        'hold '*) return 0 ;;
        *) return 1 ;;
    esac
}

hold_apt() {
    hold_names=
    for hold_name in "$@"; do
        held_by_dpkg "$hold_name" || hold_names="$hold_names $hold_name"
    done
    [ -n "$hold_names" ] || conclude already
    hold_end=$(($(date +%s) + 60))
    # shellcheck disable=SC2086
    while ! hold_words=$(bounded 30 apt-mark hold $hold_names 2>&1); do
        case $hold_words in
            *'lock'*) ;;
            *) break ;;
        esac
        [ "$(date +%s)" -lt "$hold_end" ] || break
        sleep 2
    done
    for hold_name in $hold_names; do
        held_by_dpkg "$hold_name" && continue
        last_line "$hold_words"
        failed "$hold_name is not held: $LINE"
    done
}

# locked_by_yum NAME LIST: whether a version of it is locked: `0:NAME-VERSION-RELEASE.*`, of dnf `NAME-0:VERSION-RELEASE.*`.
locked_by_yum() {
    locked_name=$(printf %s "$1" | sed 's/[.+]/\\&/g')
    printf '%s\n' "$2" | grep -Eq "^([0-9]+:$locked_name-[^-]+-[^-]+|$locked_name-[0-9]+:[^-]+-[^-]+)$"
}

# versionlock WORD…: yum's answer in WORDS; waits a while for others who use yum, which by itself would wait for ever.
versionlock() {
    lock_end=$(($(date +%s) + 60))
    while :; do
        WORDS=$(bounded 60 yum -q --setopt=exit_on_lock=1 versionlock "$@" 2>&1) && return 0
        case $WORDS in
            *'holding the yum lock'* | *'Existing lock '*) ;;
            *) return 1 ;;
        esac
        [ "$(date +%s)" -lt "$lock_end" ] || return 1
        sleep 2
    done
}

hold_yum() {
    if ! versionlock list; then
        case $WORDS in
            *'o such command'*) ;;
            *)
                last_line "$WORDS"
                failed "yum: $LINE"
                ;;
        esac
        field detail 'not held: yum has no versionlock here; install yum-plugin-versionlock'
        return 0
    fi
    hold_list=$WORDS
    hold_names=
    for hold_name in "$@"; do
        locked_by_yum "$hold_name" "$hold_list" || hold_names="$hold_names $hold_name"
    done
    [ -n "$hold_names" ] || conclude already
    # shellcheck disable=SC2086
    versionlock add $hold_names
    hold_words=$WORDS
    versionlock list
    hold_list=$WORDS
    for hold_name in $hold_names; do
        locked_by_yum "$hold_name" "$hold_list" && continue
        last_line "$hold_words"
        failed "$hold_name is not held: $LINE"
    done
}
