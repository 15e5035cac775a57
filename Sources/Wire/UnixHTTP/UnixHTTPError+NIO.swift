internal import Glibc
internal import NIOCore
internal import NIOHTTP1

extension UnixHTTPError.Reason {
    /// What an error of NIO means for whoever speaks over the socket.
    init(_ error: any Error, deadline: Duration) {
        switch error {
        case let error as IOError: self = Self(errno: error.errnoCode, call: "socket")
        case ChannelError.connectTimeout: self = .timedOut(seconds: deadline.seconds)
        case SocketAddressError.unixDomainSocketPathTooLong: self = .pathTooLong
        case is ChannelError, HTTPParserError.invalidEOFState: self = .closedByPeer
        default: self = .malformedMessage(String(describing: error))
        }
    }

    init(errno code: Int32, call: String) {
        switch code {
        case ENOENT: self = .socketMissing
        case ECONNREFUSED: self = .connectionRefused
        case EACCES, EPERM: self = .permissionDenied
        case EAGAIN: self = .listenerBusy
        case ECONNRESET, EPIPE: self = .closedByPeer
        case ENAMETOOLONG: self = .pathTooLong
        default: self = .systemCall(call, errno: code)
        }
    }
}
