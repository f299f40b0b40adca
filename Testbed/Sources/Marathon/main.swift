// The Marathon of the testbed: options, exit codes and port as the real one's; it schedules nothing.
import Host
import Serving

/// Exit codes of Marathon (docs/exit-codes.md).
enum ExitCode {
    static let bindingError: Int32 = 111
    static let invalidCommandLineFlag: Int32 = 112
}

let line: MarathonCommandLine
do {
    line = try MarathonCommandLine(words: CommandLine.arguments, environment: environmentEntries())
} catch {
    end("[scallop] Error: \(error.message)", status: ExitCode.invalidCommandLineFlag)
}
if line.isInformational {
    printLine("marathon \(line.version)")
} else {
    do {
        let port = UInt16(line.values["http_port"] ?? "8080") ?? 0
        var server = try HTTPServer(address: line.values["http_address"], port: port)
        printLine("Starting Marathon \(line.version)/unknown")
        let info = marathonInfo(line)
        server.serve { request in
            switch request.path {
            case "/ping": HTTPResponse(contentType: "text/plain", body: "pong\n")
            case "/v2/info": HTTPResponse(info)
            default: .notFound
            }
        }
    } catch {
        end("java.net.BindException: \(error)", status: ExitCode.bindingError)
    }
}
