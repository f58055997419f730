package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// How many pieces may be on their way in one direction of one connection; then the sender has to wait.
const mostPieces = 256

type piece struct {
	bytes []byte
	due   time.Time
}

// Delay passes on each connection at LISTEN to TARGET, each piece, both ways, as many milliseconds later as FILE says
// at that time.
func delay(arguments []string) error {
	if len(arguments) != 3 {
		return errUsage
	}
	listener, err := net.Listen("tcp", arguments[0])
	if err != nil {
		return err
	}
	target, file := arguments[1], arguments[2]
	if _, err := readDelay(file); err != nil {
		return err
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		server, err := net.Dial("tcp", target)
		if err != nil {
			client.Close()
			continue
		}
		go pass(client, server, file)
		go pass(server, client, file)
	}
}

func readDelay(file string) (time.Duration, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	millis, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || millis < 0 {
		return 0, fmt.Errorf("%s: need milliseconds >= 0, got %q", file, content)
	}
	return time.Duration(millis) * time.Millisecond, nil
}

// Pass ends both connections when either does. A file that cannot be read for a moment, since it is being written,
// delays nothing.
func pass(from, to net.Conn, file string) {
	pieces := make(chan piece, mostPieces)
	go func() {
		defer from.Close()
		defer to.Close()
		for p := range pieces {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				break
			}
		}
		// The reader must not be left waiting for room.
		for range pieces {
		}
	}()
	defer close(pieces)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			by, _ := readDelay(file)
			pieces <- piece{buffer[:n], time.Now().Add(by)}
		}
		if err != nil {
			if err != io.EOF {
				to.Close()
			}
			return
		}
	}
}
