// One program for a whole Kubernetes on one machine: its servers, its command line tools and what tests need beside
// them. `kubernetes NAME ARGUMENT...` runs the part NAME.
//
// All parts are the released modules, entered where their own programs enter them. They share most of their code, so
// that one link takes less than half of the time and of the space of eight.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	// The cluster's time zones, for CronJobs, on a machine without any.
	_ "time/tzdata"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	helm "helm.sh/helm/v4/pkg/cmd"
	helmkube "helm.sh/helm/v4/pkg/kube"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// A part returns its exit status. Its arguments are os.Args, with its name first. Only the part that runs is built,
// since each of them registers flags and metrics of the whole process.
var parts = map[string]func() int{
	"kube-apiserver":          command(apiserver.NewAPIServerCommand),
	"kube-controller-manager": command(manager.NewControllerManagerCommand),
	"kube-scheduler":          command(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
	"kubelet":                 command(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }),
	"kubectl":                 command(kubectl.NewDefaultKubectlCommand),
	"helm":                    runHelm,
	"etcd":                    runEtcd,
	"certificates":            tool("DIRECTORY ADDRESS NODE=ADDRESS...", certificates),
	"delay":                   tool("LISTEN TARGET FILE", delay),
	"hollow-nodes":            tool("KUBECONFIG COUNT CPU MEMORY PODS", hollowNodes),
}

func main() {
	if len(os.Args) < 2 || parts[os.Args[1]] == nil {
		names := make([]string, 0, len(parts))
		for name := range parts {
			names = append(names, name)
		}
		slices.Sort(names)
		fmt.Fprintln(os.Stderr, "usage: kubernetes", strings.Join(names, "|"), "ARGUMENT...")
		os.Exit(2)
	}
	os.Args = os.Args[1:]
	os.Exit(parts[os.Args[0]]())
}

func command(create func() *cobra.Command) func() int {
	return func() int { return cli.Run(create()) }
}

func tool(usage string, run func(arguments []string) error) func() int {
	return func() int {
		err := run(os.Args[1:])
		if errors.Is(err, errUsage) {
			fmt.Fprintln(os.Stderr, "usage: kubernetes", os.Args[0], usage)
			return 2
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
			return 1
		}
		return 0
	}
}

var errUsage = errors.New("wrong arguments")

func runEtcd() int {
	etcdmain.Main(os.Args)
	return 0
}

func runHelm() int {
	helmkube.ManagedFieldsManager = "helm"
	root, err := helm.NewRootCmd(os.Stdout, os.Args[1:], helm.SetupLogging)
	if err == nil {
		err = root.Execute()
	}
	if coded, ok := errors.AsType[helm.CommandError](err); ok {
		return coded.ExitCode
	}
	if err != nil {
		return 1
	}
	return 0
}
