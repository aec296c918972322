// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// conntrack - a Go program with vishvananda/netlink, as container networks
// use it: an endpoint of a UDP service has gone, and the connections to it have
// to go. Prints TAP lines. conntrack ADDRESS CONNECTIONS, or conntrack count
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"

	"github.com/vishvananda/netlink"
)

var failed bool

func check(id string, good bool, got interface{}) {
	if good {
		fmt.Printf("ok - interop.conntrack.go.%s\n", id)
		return
	}
	failed = true
	fmt.Printf("not ok - interop.conntrack.go.%s: got %v\n", id, got)
}

func list() ([]*netlink.ConntrackFlow, error) {
	return netlink.ConntrackTableList(netlink.ConntrackTable,
		syscall.AF_INET)
}

func main() {
	flows, err := list()
	if os.Args[1] == "count" {
		fmt.Println(len(flows))
		return
	}
	want, _ := strconv.Atoi(os.Args[2])
	check("list", err == nil && len(flows) == want,
		fmt.Sprint(len(flows), err))
	filter := &netlink.ConntrackFilter{}
	check("protocol", filter.AddProtocol(syscall.IPPROTO_UDP) == nil, "")
	check("address", filter.AddIP(netlink.ConntrackOrigDstIP,
		net.ParseIP(os.Args[1])) == nil, "")
	n, err := netlink.ConntrackDeleteFilter(netlink.ConntrackTable,
		syscall.AF_INET, filter)
	check("delete", err == nil && n == 1, fmt.Sprint(n, err))
	flows, err = list()
	check("deleted", err == nil && len(flows) == want-1,
		fmt.Sprint(len(flows), err))
	if failed {
		os.Exit(1)
	}
}
