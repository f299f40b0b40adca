# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Who listens on which TCP port, from /proc alone: ss and netstat are not everywhere.

# fact_listening PORT…: every socket that listens, or only those on the ports. A line a socket: the address and the port as
# the kernel writes them, the inode, and of the process that started last among those that have it open: pid, start, name.
fact_listening() {
    [ -r /proc/net/tcp ] || unknown '/proc/net/tcp cannot be read'
    listening_rows=$(
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v ports=" $* " '
            function number(text, i, sum) {
                sum = 0
                for (i = 1; i <= length(text); i++) sum = sum * 16 + index("0123456789ABCDEF", substr(text, i, 1)) - 1
                return sum
            }
            $4 == "0A" {
                split($2, place, ":")
                port = number(place[2])
                if (ports !~ /[0-9]/ || index(ports, " " port " ")) print place[1], port, $10
            }'
    ) || unknown '/proc/net/tcp cannot be read'
    listening_owners "$listening_rows"
    field sockets "$listening_text"
    conclude found
}

# listening_owners ROWS: sets listening_text, each row with its owner behind it where one can be told.
listening_owners() {
    listening_text=
    [ -n "$1" ] || return 0
    # A line a match: the inode and the pid. A process that ends meanwhile is none.
    listening_held=$(
        bounded 20 ls -l /proc/[0-9]*/fd 2>/dev/null | awk -v rows="$1" '
            BEGIN {
                count = split(rows, all, "\n")
                for (i = 1; i <= count; i++) { split(all[i], words, " "); wanted[words[3]] = 1 }
            }
            /^\/proc\/[0-9]+\/fd:$/ { split($0, path, "/"); pid = path[3]; next }
            match($0, /socket:\[[0-9]+\]$/) {
                inode = substr($0, RSTART + 8, RLENGTH - 9)
                if (inode in wanted) print inode, pid
            }'
    )
    while read -r listening_address listening_port listening_inode; do
        listening_owner "$listening_inode"
        listening_text="$listening_text$listening_address $listening_port $listening_inode$OWNED_BY$newline"
    done <<ROWS
$1
ROWS
}

# listening_owner INODE: sets OWNED_BY to ` PID START NAME`, or to nothing.
listening_owner() {
    OWNED_BY=
    listening_last=0
    while read -r listening_held_inode listening_pid; do
        [ "$listening_held_inode" = "$1" ] || continue
        started "$listening_pid" || continue
        [ "$STARTED" -ge "$listening_last" ] || continue
        listening_name=
        { read -r listening_name <"/proc/$listening_pid/comm"; } 2>/dev/null || continue
        listening_last=$STARTED
        OWNED_BY=" $listening_pid $STARTED $listening_name"
    done <<HELD
$listening_held
HELD
}
