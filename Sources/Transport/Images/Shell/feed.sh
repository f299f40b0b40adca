#!/bin/sh
# Prints one whole part from an offset and does nothing else: all that a feeder's key is good for.
# Argument: `DIGEST OFFSET`.
refuse() {
    printf '%s\n' "$1" >&2
    exit 2
}

directory=${0%/*}
digest=${1%% *}
offset=${1#* }
case $digest in
    *[!0-9a-f]*) refuse 'no such part' ;;
esac
[ "${#digest}" -eq 64 ] || refuse 'no such part'
case $offset in
    '' | *[!0-9]*) refuse 'no such offset' ;;
esac
[ -f "$directory/$digest" ] || refuse "the feeder has no part $digest"
# However long it takes: a directory that nobody touches is removed by its janitor.
(
    while kill -0 $$ 2>/dev/null && touch -c "$directory/$digest"; do
        sleep 30
    done
) </dev/null >/dev/null 2>&1 &
exec tail -c "+$((offset + 1))" "$directory/$digest"
