// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// client - a Go program with mdlayher/genetlink, as it would be written for
// the kernel module. Prints TAP lines. client DP FLOWS
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"syscall"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

var failed bool

func check(id string, good bool, got interface{}) {
	if good {
		fmt.Printf("ok - interop.seccomp.go.%s\n", id)
		return
	}
	failed = true
	fmt.Printf("not ok - interop.seccomp.go.%s: got %v\n", id, got)
}

// must ends the program: the rest makes no sense without.
func must(id string, err error) {
	check(id, err == nil, err)
	if err != nil {
		os.Exit(1)
	}
}

func dial(id string) *genetlink.Conn {
	c, err := genetlink.Dial(nil)
	must(id, err)
	return c
}

func header(dp uint32) []byte {
	b := make([]byte, 4)
	binary.LittleEndian.PutUint32(b, dp)
	return b
}

func attrs(dp uint32, fill func(ae *netlink.AttributeEncoder)) []byte {
	ae := netlink.NewAttributeEncoder()
	fill(ae)
	b, err := ae.Encode()
	if err != nil {
		panic(err)
	}
	return append(header(dp), b...)
}

const (
	req    = netlink.Request
	dump   = netlink.Request | netlink.Dump
	ack    = netlink.Request | netlink.Acknowledge
	cmdNew = 1
	cmdDel = 2
	cmdGet = 3
)

func run(c *genetlink.Conn, f genetlink.Family, cmd uint8, flags netlink.HeaderFlags,
	data []byte) ([]genetlink.Message, error) {
	return c.Execute(genetlink.Message{
		Header: genetlink.Header{Command: cmd, Version: f.Version},
		Data:   data,
	}, f.ID, flags)
}

func flow(dp uint32, i uint32) []byte {
	return attrs(dp, func(ae *netlink.AttributeEncoder) {
		ae.Nested(1, func(k *netlink.AttributeEncoder) error { // KEY
			k.Uint32(2, i)                                         // PRIORITY
			k.Uint32(3, 1)                                         // IN_PORT
			k.Bytes(4, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}) // ETHERNET
			k.Bytes(6, []byte{0x12, 0x34})                         // ETHERTYPE
			return nil
		})
		ae.Bytes(2, nil) // ACTIONS: drop
	})
}

func named(name string) []byte {
	return attrs(0, func(ae *netlink.AttributeEncoder) {
		ae.String(1, name)
		ae.Uint32(2, 0) // UPCALL_PID
	})
}

func lookups(c *genetlink.Conn) (dp, vport, fl genetlink.Family) {
	var err error
	dp, err = c.GetFamily("ovs_datapath")
	must("ovs_datapath", err)
	vport, err = c.GetFamily("ovs_vport")
	must("ovs_vport", err)
	fl, err = c.GetFamily("ovs_flow")
	must("ovs_flow", err)
	_, err = c.GetFamily("ovs_nothing")
	check("no_such_family", errors.Is(err, os.ErrNotExist), err)

	all, err := c.ListFamilies()
	must("list_families", err)
	seen := map[string]int{}
	for _, f := range all {
		seen[f.Name]++
	}
	check("list_ours", seen["ovs_flow"] == 1, seen)
	check("list_kernels", seen["nlctrl"] == 1, seen)
	return
}

func listen(c *genetlink.Conn, fl genetlink.Family, dp uint32) {
	l := dial("listener")
	defer l.Close()
	must("join", l.JoinGroup(fl.Groups[0].ID))
	got := make(chan error)
	go func() {
		msgs, _, err := l.Receive()
		if err == nil && (len(msgs) != 1 || msgs[0].Header.Command != cmdNew) {
			err = fmt.Errorf("%v", msgs)
		}
		got <- err
	}()
	_, err := run(c, fl, cmdNew, ack|netlink.Create, flow(dp, 1<<30))
	must("put_noticed", err)
	must("notified", <-got)
	must("leave", l.LeaveGroup(fl.Groups[0].ID))
}

// goroutines: each with a connection of its own.
func crowd(fl genetlink.Family, dp uint32) {
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for g := uint32(1); g <= 8; g++ {
		wg.Add(1)
		go func(g uint32) {
			defer wg.Done()
			c, err := genetlink.Dial(nil)
			for i := uint32(0); err == nil && i < 50; i++ {
				_, err = c.GetFamily("ovs_flow")
				if err == nil {
					_, err = run(c, fl, cmdNew, ack|netlink.Create,
						flow(dp, g<<16+i))
				}
			}
			errs <- err
		}(g)
	}
	wg.Wait()
	for g := 0; g < 8; g++ {
		err := <-errs
		check("goroutine", err == nil, err)
	}
}

func main() {
	name := os.Args[1]
	flows, _ := strconv.Atoi(os.Args[2])
	c := dial("dial")
	defer c.Close()
	dps, vports, fl := lookups(c)

	_, err := run(c, dps, cmdNew, ack, named(name))
	must("dp_new", err)
	_, err = run(c, dps, cmdNew, ack, named(name))
	check("dp_new_again", errors.Is(err, syscall.EEXIST), err)
	msgs, err := run(c, dps, cmdGet, req, named(name))
	must("dp_get", err)
	dp := binary.LittleEndian.Uint32(msgs[0].Data)
	msgs, err = run(c, dps, cmdGet, dump, header(0))
	check("dp_dump", err == nil && len(msgs) >= 1, err)
	msgs, err = run(c, vports, cmdGet, dump, header(dp))
	check("vport_dump", err == nil && len(msgs) == 1, err)

	for i := 0; i < flows && err == nil; i++ {
		_, err = run(c, fl, cmdNew, ack|netlink.Create, flow(dp, uint32(i)))
	}
	must("flow_puts", err)
	msgs, err = run(c, fl, cmdGet, dump, header(dp))
	check("flow_dump", err == nil && len(msgs) == flows, fmt.Sprint(len(msgs), err))
	listen(c, fl, dp)
	crowd(fl, dp)
	_, err = run(c, dps, cmdDel, ack, header(dp))
	must("dp_del", err)
	_, err = run(c, dps, cmdGet, req, named(name))
	check("dp_gone", errors.Is(err, syscall.ENODEV), err)
	if failed {
		os.Exit(1)
	}
}
