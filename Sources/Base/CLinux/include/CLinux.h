// The few shims for macros and calls that Swift cannot import. Each says why it is here.
// Never define _GNU_SOURCE here: the importer's view of Glibc would differ from this one's.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netconf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/genetlink.h>
#include <linux/veth.h>
#include <linux/wireguard.h>

#include "clinux_clock.h"
#include "clinux_descriptor.h"
#include "clinux_files.h"
#include "clinux_heap.h"
#include "clinux_namespace.h"
#include "clinux_process.h"
#include "clinux_spawn.h"

#endif
