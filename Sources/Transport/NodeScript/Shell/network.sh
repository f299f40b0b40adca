# shellcheck shell=sh disable=SC2034,SC2153,SC2154 # Variables are shared between these files.
# Questions to servers on the node. dash has no /dev/tcp, so whichever tool is there does it.

carriage_return=$(printf '\r')

# talk SECONDS ADDRESS PORT REQUEST: sends REQUEST, prints what comes until the other side closes; words of failure go to
# standard error. Status 127: no tool.
talk() {
    if command -v bash >/dev/null 2>&1; then
        # shellcheck disable=SC2016
        bounded "$1" bash -c 'exec 3<>"/dev/tcp/$1/$2" && printf %s "$3" >&3 && cat <&3' talk "$2" "$3" "$4"
    elif command -v perl >/dev/null 2>&1; then
        # shellcheck disable=SC2016
        bounded "$1" perl -MIO::Socket::INET -e '
            my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => "tcp")
                or do { print STDERR "perl: $!\n"; exit 1 };
            print $s $ARGV[2]; $s->flush; print while <$s>;' "$2" "$3" "$4"
    elif command -v nc >/dev/null 2>&1; then
        printf %s "$4" | bounded "$1" nc -v -w "$1" "$2" "$3"
    elif command -v curl >/dev/null 2>&1; then
        # curl leaves when its input ends, so it is held open for the answer.
        { printf %s "$4" && sleep 2; } | curl -sS --max-time "$1" "telnet://$2:$3"
    else
        return 127
    fi
}

# conversation COMMAND…: runs it, sets HEARD (its output in base64, up to 72 KiB), WORDS (its errors) and STATUS.
conversation() {
    # The inner capture takes the errors, the outer one the output and then those; base64 has no colon.
    conversation_all=$(
        {
            conversation_words=$(
                { { "$@" || echo "status: $?" >&2; } 2>&3 | head -c 73728 | base64 >&4; } 3>&1
            )
            printf ':%s' "$conversation_words"
        } 4>&1
    )
    HEARD=${conversation_all%%:*}
    HEARD=${HEARD%"$newline"}
    WORDS=$newline${conversation_all#*:}
    STATUS=0
    case $WORDS in
        *"${newline}status: "*)
            STATUS=${WORDS##*"${newline}status: "}
            WORDS=${WORDS%"${newline}status: "*}
            ;;
    esac
}

# curl_refused ADDRESS PORT: newer curls say "Couldn't connect" for everything, but for -v.
curl_refused() {
    case $(curl -q -v -s --noproxy '*' --max-time 5 "telnet://$1:$2" 2>&1 </dev/null) in
        *'onnection refused'*) return 0 ;;
    esac
    return 1
}

# heard WHAT SECONDS ADDRESS PORT: ends the answer where nothing came: refused is absent, all else unknown.
heard() {
    [ -z "$HEARD" ] || return 0
    case $WORDS in
        *'onnection refused'*) conclude absent ;;
    esac
    case $STATUS:$WORDS in
        7:*'curl: (7)'*) ! curl_refused "$3" "$4" || conclude absent ;;
    esac
    case $STATUS in
        127) unknown 'no tool is here that opens a connection (bash, perl, nc, curl)' ;;
        28 | 124 | 143) unknown "$1: no answer within $2 s" ;;
    esac
    last_line "$WORDS"
    unknown "$1: ${LINE:-closed without an answer}"
}

fact_word() {
    conversation talk 5 "$2" "$3" "$1"
    heard "$1 at $2:$3" 5 "$2" "$3"
    case $STATUS in
        124 | 143) unknown "$1 at $2:$3: the answer did not end within 5 s" ;;
    esac
    field text "$HEARD"
    conclude found
}

fact_http() {
    http_host=$1
    case $1 in
        *:*) http_host="[$1]" ;;
    esac
    if command -v curl >/dev/null 2>&1; then
        conversation curl -q -sS -g -i --noproxy '*' --max-time 10 "http://$http_host:$2$3"
    else
        conversation talk 10 "$1" "$2" "GET $3 HTTP/1.0$carriage_return${newline}Host: $http_host:$2$carriage_return${newline}Connection: close$carriage_return$newline$carriage_return$newline"
    fi
    heard "http://$http_host:$2$3" 10 "$http_host" "$2"
    # 23: the answer was longer than what is kept of it.
    case $STATUS in
        0 | 23 | 141) ;;
        28 | 124 | 143) unknown "http://$http_host:$2$3: the answer did not end within 10 s" ;;
        *)
            last_line "$WORDS"
            unknown "http://$http_host:$2$3: $LINE"
            ;;
    esac
    field response "$HEARD"
    conclude found
}
