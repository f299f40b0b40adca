internal import Glibc
import NIOCore
import NIOPosix

/// Why a connection or a listening socket could not be had, in the system's words.
func systemReason(of error: any Error) -> String {
    switch error {
    case let error as IOError:
        return strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
    case let error as NIOConnectionError:
        return error.connectionErrors.first.map { systemReason(of: $0.error) } ?? "no address for \(error.host)"
    case let error as SocketAddressError:
        return if case .unknown(let host, _) = error { "no address for \(host)" } else { "\(error)" }
    default:
        return String(describing: error)
    }
}
