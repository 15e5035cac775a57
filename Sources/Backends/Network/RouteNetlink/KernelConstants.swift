internal import CLinux
internal import HostState

// C's constants arrive in Swift as Int, Int32, UInt32 or enum structures, depending on how the header writes them.
// They are converted here, once. All come from include/uapi/linux.

/// `nlmsg_type` (rtnetlink.h).
enum MessageType {
    static let newLink = UInt16(RTM_NEWLINK)
    static let deleteLink = UInt16(RTM_DELLINK)
    static let getLink = UInt16(RTM_GETLINK)
    static let setLink = UInt16(RTM_SETLINK)
    static let newAddress = UInt16(RTM_NEWADDR)
    static let deleteAddress = UInt16(RTM_DELADDR)
    static let getAddress = UInt16(RTM_GETADDR)
    static let newRoute = UInt16(RTM_NEWROUTE)
    static let deleteRoute = UInt16(RTM_DELROUTE)
    static let getRoute = UInt16(RTM_GETROUTE)
    static let newNeighbour = UInt16(RTM_NEWNEIGH)
    static let deleteNeighbour = UInt16(RTM_DELNEIGH)
    static let getNeighbour = UInt16(RTM_GETNEIGH)
    static let newRule = UInt16(RTM_NEWRULE)
    static let deleteRule = UInt16(RTM_DELRULE)
    static let getRule = UInt16(RTM_GETRULE)
    static let newNetconf = UInt16(RTM_NEWNETCONF)
    static let deleteNetconf = UInt16(RTM_DELNETCONF)
}

/// `nlmsg_flags` of requests that create something (netlink.h).
enum RequestFlags {
    static let create = UInt16(NLM_F_CREATE | NLM_F_EXCL)
    static let createOrReplace = UInt16(NLM_F_CREATE | NLM_F_REPLACE)
}

/// `IFLA_*` (if_link.h).
enum LinkAttribute {
    static let address = UInt16(IFLA_ADDRESS)
    static let name = UInt16(IFLA_IFNAME)
    static let mtu = UInt16(IFLA_MTU)
    static let master = UInt16(IFLA_MASTER)
    static let info = UInt16(IFLA_LINKINFO)
    static let alias = UInt16(IFLA_IFALIAS)
    static let link = UInt16(IFLA_LINK)
    static let linkNamespace = UInt16(IFLA_LINK_NETNSID)
    static let targetNamespace = UInt16(IFLA_TARGET_NETNSID)
    static let extensionMask = UInt16(IFLA_EXT_MASK)

    static let infoKind = UInt16(IFLA_INFO_KIND)
    static let infoData = UInt16(IFLA_INFO_DATA)

    static let bridgeForwardDelay = UInt16(IFLA_BR_FORWARD_DELAY)
    static let bridgeMulticastSnooping = UInt16(IFLA_BR_MCAST_SNOOPING)
    /// veth.h
    static let vethPeer = UInt16(VETH_INFO_PEER)
}

/// `IFA_*` (if_addr.h).
enum AddressAttribute {
    static let address = UInt16(IFA_ADDRESS)
    static let local = UInt16(IFA_LOCAL)
    static let flags = UInt16(IFA_FLAGS)

    static let noDuplicateDetection = UInt32(IFA_F_NODAD)
    static let duplicateFound = UInt32(IFA_F_DADFAILED)
}

/// `RTA_*`, `RTAX_*` and the values of `rtmsg` (rtnetlink.h).
enum RouteAttribute {
    static let destination = UInt16(RTA_DST.rawValue)
    static let outputInterface = UInt16(RTA_OIF.rawValue)
    static let gateway = UInt16(RTA_GATEWAY.rawValue)
    static let via = UInt16(RTA_VIA.rawValue)
    static let priority = UInt16(RTA_PRIORITY.rawValue)
    static let preferredSource = UInt16(RTA_PREFSRC.rawValue)
    static let metrics = UInt16(RTA_METRICS.rawValue)
    static let cacheInfo = UInt16(RTA_CACHEINFO.rawValue)
    static let table = UInt16(RTA_TABLE.rawValue)
    static let metricMTU = UInt16(RTAX_MTU)

    static let mainTable = UInt8(RT_TABLE_MAIN.rawValue)
    static let scopeUniverse = UInt8(RT_SCOPE_UNIVERSE.rawValue)
    static let scopeLink = UInt8(RT_SCOPE_LINK.rawValue)
    /// In a deletion: any scope.
    static let scopeNowhere = UInt8(RT_SCOPE_NOWHERE.rawValue)
    static let unicast = UInt8(RTN_UNICAST)
    static let local = UInt8(RTN_LOCAL)
    /// Derived from another route, such as a path MTU exception.
    static let cloned = UInt32(RTM_F_CLONED)
    /// In a request: the route of the table, not one derived from it.
    static let tableEntry = UInt32(RTM_F_FIB_MATCH)

    /// `RTA_PRIORITY` of a route that names none: IPv6 makes it `IP6_RT_PRIO_USER` (include/uapi/linux/ipv6_route.h).
    static func defaultMetric(isIPv6: Bool) -> UInt32 { isIPv6 ? 1024 : 0 }
}

/// `FRA_*` (fib_rules.h).
enum RuleAttribute {
    static let priority = UInt16(FRA_PRIORITY)
    static let table = UInt16(FRA_TABLE)
}

/// `NDA_*`, `NTF_*`, `NUD_*` (neighbour.h).
enum NeighbourAttribute {
    static let destination = UInt16(NDA_DST)
    static let protocolNumber = UInt16(NDA_PROTOCOL)
    static let proxy = UInt8(NTF_PROXY)
    static let permanent = UInt16(NUD_PERMANENT)
}

/// Address families (bits/socket.h).
enum AddressFamily {
    static let unspecified: UInt8 = 0
    static let ipv4: UInt8 = 2
    static let bridge: UInt8 = 7
    static let ipv6: UInt8 = 10
}
