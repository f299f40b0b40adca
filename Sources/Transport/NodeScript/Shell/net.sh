# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Links, routes, resolver and names of the node, in the words of its own tools and files; and whether ports of others answer.
# What belongs together is found out by whoever reads the answer.

# program_at NAME: sets PROGRAM to the file that PATH leads to. Not `command -v`: busybox names its own applets first.
program_at() {
    PROGRAM=
    program_rest=$PATH:
    while [ -n "$program_rest" ]; do
        program_file=${program_rest%%:*}/$1
        program_rest=${program_rest#*:}
        if [ -f "$program_file" ] && [ -x "$program_file" ]; then
            PROGRAM=$program_file
            return 0
        fi
    done
    return 1
}

fact_network() {
    program_at ip || unknown 'ip is not here (iproute2)'
    net_ip=$PROGRAM
    # From `ip -o link` and `ip -o addr` of one moment: a link that comes between them has no flags and is left out.
    for net_what in link addr route; do
        net_words=$(bounded 5 "$net_ip" -o "$net_what" 2>&1) || {
            last_line "$net_words"
            unknown "ip -o $net_what: $LINE"
        }
        field "$net_what" "$net_words"
    done
    net_hostname=
    { read -r net_hostname <"$ROOT/proc/sys/kernel/hostname"; } 2>/dev/null || net_hostname=$(uname -n)
    field hostname "$net_hostname"
    net_resolver
    net_owners
    conclude found
}

# root_text PATH: the text of a small file, its links followed within the root; nothing where it cannot be read.
root_text() { resolve "$1" && [ -f "$ROOT$RESOLVED" ] && head -c 65536 "$ROOT$RESOLVED" 2>/dev/null; }

net_resolver() {
    net_resolv=$(root_text /etc/resolv.conf | grep '^[[:space:]]*nameserver')
    field resolv "$net_resolv"
    # Where that is systemd-resolved's stub, these are the servers it asks (systemd-resolved.service(8)).
    net_resolved=$(root_text /run/systemd/resolve/resolv.conf | grep '^[[:space:]]*nameserver')
    field resolved "$net_resolved"
    case $net_resolv in
        *127.0.0.5[34]*)
            if [ -z "$net_resolved" ] && program_at resolvectl; then
                field resolvectl "$(bounded 5 "$PROGRAM" dns --no-pager 2>/dev/null)"
            fi
            ;;
    esac
}

net_owners() {
    ! program_at ifup || net_interfaces /etc/network/interfaces 1
    # What systemd-networkd says of each link, by its number (networkd's own run-time state, which networkctl shows).
    for net_file in "$ROOT"/run/systemd/netif/links/*; do
        [ -f "$net_file" ] || continue
        field networkd "${net_file##*/}$newline$(grep -E '^(ADMIN_STATE|NETWORK_FILE)=' "$net_file" 2>/dev/null)"
    done
    if program_at nmcli; then
        field nmdevices "$(bounded 5 "$PROGRAM" -t -f DEVICE,STATE,CONNECTION device 2>/dev/null)"
        # Older ones know no FILENAME and say nothing then.
        field nmfiles "$(bounded 5 "$PROGRAM" -t -f NAME,FILENAME connection show 2>/dev/null)"
        for net_file in "$ROOT"/etc/sysconfig/network-scripts/ifcfg-*; do
            [ ! -f "$net_file" ] || field ifcfg "${net_file#"$ROOT"}"
        done
    fi
    # Names only: these files may hold passwords.
    for net_file in "$ROOT"/etc/netplan/*.yaml; do
        [ -f "$net_file" ] || continue
        field netplan "${net_file#"$ROOT"}$newline$(sed -n 's/^ \{1,\}\([A-Za-z0-9_.-]\{1,\}\): *\({.*\)\{0,1\}$/\1/p' "$net_file" 2>/dev/null)"
    done
}

# net_interfaces FILE DEPTH: the stanzas of a file of interfaces(5) and of those it sources. Options may hold passwords and
# stay where they are.
net_interfaces() {
    if [ "$2" -gt 4 ] || ! resolve "$1" || [ ! -f "$ROOT$RESOLVED" ]; then
        return 0
    fi
    field stanzas "$1$newline$(grep -E '^[[:space:]]*iface[[:space:]]' "$ROOT$RESOLVED" 2>/dev/null)"
    net_sources=$(
        sed -n 's/^[[:space:]]*\(source\(-dir[a-z]*\)\{0,1\}\)[[:space:]]\{1,\}\([^[:space:]]*\).*/\1 \3/p' \
            "$ROOT$RESOLVED" 2>/dev/null
    )
    printf '%s\n' "$net_sources" | while read -r net_word net_pattern; do
        case $net_pattern in
            '') continue ;;
            /*) ;;
            *) net_pattern=${1%/*}/$net_pattern ;;
        esac
        [ "$net_word" = source ] || net_pattern="$net_pattern/*"
        # The pattern is one of the shell's.
        for net_source in "$ROOT"$net_pattern; do
            net_name=${net_source##*/}
            [ "$net_word" = source ] || case $net_name in
                *[!A-Za-z0-9_-]*) continue ;;
            esac
            # In a subshell, since it changes what this loop goes by; what it prints is part of the answer all the same.
            (net_interfaces "${net_source#"$ROOT"}" $(($2 + 1)))
        done
    done
}

# knock SECONDS ADDRESS PORT: prints `connected`, `refused`, `none` (no tool here) or `silent` and why.
knock() {
    if program_at bash; then
        # shellcheck disable=SC2016
        knock_words=$(bounded "$1" "$PROGRAM" -c 'exec 3<>"/dev/tcp/$1/$2"' knock "$2" "$3" 2>&1)
    elif program_at perl; then
        # shellcheck disable=SC2016
        knock_words=$(bounded "$1" "$PROGRAM" -MIO::Socket::INET -e '
            IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => "tcp")
                or do { print STDERR "perl: $!\n"; exit 1 }' "$2" "$3" 2>&1)
    elif program_at nc; then
        knock_words=$(bounded "$1" "$PROGRAM" -v -z -w "$1" "$2" "$3" 2>&1)
    elif program_at curl; then
        knock_words=$(bounded "$1" "$PROGRAM" -q -v -s --noproxy '*' --max-time "$1" "telnet://$2:$3" 2>&1 </dev/null)
    else
        printf none
        return
    fi
    knock_status=$?
    case $knock_status:$knock_words in
        0:*) printf connected ;;
        *'onnection refused'*) printf refused ;;
        # curl goes on talking to whoever answered.
        *' Connected to '*) printf connected ;;
        124:* | 143:* | 28:*) printf 'silent no answer within %s s' "$1" ;;
        *)
            last_line "$knock_words"
            printf 'silent %s' "${LINE##*: }"
            ;;
    esac
}

REACHED=

# reach_ahead ADDRESS PORT…: knocks at all of them at once, so that many silent ones take no longer than one.
reach_ahead() {
    REACHED=$(
        while [ $# -ge 2 ]; do
            # One short write each: a pipe keeps those whole.
            (
                knock_answer=$(knock 3 "$1" "$2")
                printf '%s %s=%s\n' "$1" "$2" "$knock_answer"
            ) &
            shift 2
        done
        wait
    )
}

fact_reach() {
    value_of "$1 $2" "$REACHED"
    [ -n "$VALUE" ] || VALUE=$(knock 3 "$1" "$2")
    case $VALUE in
        none) unknown 'no tool is here that opens a connection (bash, perl, nc, curl)' ;;
    esac
    field outcome "$VALUE"
    conclude found
}
