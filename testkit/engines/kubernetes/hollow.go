package main

import (
	"context"
	"fmt"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

const (
	hollowLabel   = "microscale.io/hollow"
	hollowWorkers = 16
	heartbeat     = 10 * time.Second
)

// HollowNodes adds COUNT nodes named hollow-1, hollow-2, … that offer CPU, MEMORY and room for PODS each, and plays
// their kubelets until it is told to end: what is scheduled there is running and ready at once, a resize is done at
// once, and what is deleted is gone at once. No process is started for a pod.
func hollowNodes(arguments []string) error {
	if len(arguments) != 5 {
		return errUsage
	}
	count, err := strconv.Atoi(arguments[1])
	if err != nil || count < 1 || count > 1000 {
		return fmt.Errorf("COUNT: need 1 to 1000, got %q", arguments[1])
	}
	capacity := corev1.ResourceList{}
	for i, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods} {
		if capacity[name], err = resource.ParseQuantity(arguments[2+i]); err != nil {
			return fmt.Errorf("%s: %w, got %q", name, err, arguments[2+i])
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", arguments[0])
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 2000, 4000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	h := &hollow{client: client, capacity: capacity}
	if err := h.beat(ctx, count); err != nil {
		return err
	}
	fmt.Println("ready")
	go h.play(ctx)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			// An API server that does not answer is what a test may want; the next beat tries again.
			_ = h.beat(ctx, count)
		}
	}
}

type hollow struct {
	client   kubernetes.Interface
	capacity corev1.ResourceList
}

// Beat creates the nodes that are missing and says of all of them that they are ready.
func (h *hollow) beat(ctx context.Context, count int) error {
	var group sync.WaitGroup
	errs := make(chan error, count)
	turns := make(chan struct{}, hollowWorkers)
	for i := 1; i <= count; i++ {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			if err := h.beatOne(ctx, "hollow-"+strconv.Itoa(i)); err != nil {
				errs <- err
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func (h *hollow) beatOne(ctx context.Context, name string) error {
	nodes := h.client.CoreV1().Nodes()
	node, err := nodes.Get(ctx, name, metav1.GetOptions{ResourceVersion: "0"})
	if apierrors.IsNotFound(err) {
		node, err = nodes.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{
			Name:   name,
			Labels: map[string]string{hollowLabel: "true", corev1.LabelHostname: name},
		}}, metav1.CreateOptions{})
	}
	if err != nil {
		return err
	}
	now := metav1.Now()
	node.Status.Capacity, node.Status.Allocatable = h.capacity, h.capacity
	since := now
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
			since = condition.LastTransitionTime
		}
	}
	node.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "hollow",
		LastHeartbeatTime: now, LastTransitionTime: since,
	}}
	// The controller manager may have changed the node since; the next beat sees that.
	if _, err = nodes.UpdateStatus(ctx, node, metav1.UpdateOptions{}); apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// Play does what kubelets would do, for as long as ctx lasts.
func (h *hollow) play(ctx context.Context) {
	queue := workqueue.NewTypedRateLimitingQueue(
		workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](50*time.Millisecond, 5*time.Second))
	factory := informers.NewSharedInformerFactory(h.client, 0)
	pods := factory.Core().V1().Pods()
	add := func(object any) {
		pod, ok := object.(*corev1.Pod)
		if ok && isHollow(pod.Spec.NodeName) {
			queue.Add(cache.MetaObjectToName(pod))
		}
	}
	_, _ = pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
	})
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	for range hollowWorkers {
		go func() {
			for {
				name, over := queue.Get()
				if over {
					return
				}
				pod, err := pods.Lister().Pods(name.Namespace).Get(name.Name)
				if err == nil {
					err = h.settle(ctx, pod)
				}
				if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
					queue.Forget(name)
				} else {
					queue.AddRateLimited(name)
				}
				queue.Done(name)
			}
		}()
	}
	<-ctx.Done()
	queue.ShutDown()
}

func isHollow(node string) bool {
	const prefix = "hollow-"
	return len(node) > len(prefix) && node[:len(prefix)] == prefix
}

// Settle makes a pod's state be what its specification asks for.
func (h *hollow) settle(ctx context.Context, pod *corev1.Pod) error {
	pods := h.client.CoreV1().Pods(pod.Namespace)
	if pod.DeletionTimestamp != nil {
		none := int64(0)
		return pods.Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: &none,
			Preconditions:      &metav1.Preconditions{UID: &pod.UID},
		})
	}
	if isSettled(pod) {
		return nil
	}
	pod = pod.DeepCopy()
	now := metav1.Now()
	status := &pod.Status
	status.Phase = corev1.PodRunning
	status.ObservedGeneration = pod.Generation
	if status.StartTime == nil {
		status.StartTime = &now
	}
	scheduled := now
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodScheduled {
			scheduled = condition.LastTransitionTime
		}
	}
	status.Conditions = []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: scheduled,
	}}
	for _, kind := range []corev1.PodConditionType{corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		status.Conditions = append(status.Conditions, corev1.PodCondition{
			Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: *status.StartTime,
		})
	}
	status.ContainerStatuses = nil
	started := true
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name:               container.Name,
			Image:              container.Image,
			ImageID:            container.Image,
			ContainerID:        "hollow://" + string(pod.UID) + "-" + container.Name,
			Ready:              true,
			Started:            &started,
			State:              corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: *status.StartTime}},
			AllocatedResources: container.Resources.Requests,
			Resources:          container.Resources.DeepCopy(),
		})
	}
	_, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
	return err
}

func isSettled(pod *corev1.Pod) bool {
	if pod.Status.Phase != corev1.PodRunning {
		return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	}
	return pod.Status.ObservedGeneration == pod.Generation
}
