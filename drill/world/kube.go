package world

import (
	"fmt"
	"sort"
	"strconv"
	"time"
)

// KubeNamespace is where the operator's deployments live.
const KubeNamespace = "virtengine-system"

// Deployment is a Kubernetes deployment: how many replicas are asked for, and
// its pods, the oldest first.
type Deployment struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Image     string `json:"image"`
	Replicas  int    `json:"replicas"`
	Pods      []Pod  `json:"pods,omitempty"`
	// Scaled counts the changes, so that each new pod has a time of its own.
	Scaled int `json:"scaled,omitempty"`
}

// Pod is one pod of a deployment. It serves from Ready on.
type Pod struct {
	Name  string    `json:"name"`
	Ready time.Time `json:"ready"`
}

// buildKube lays down the deployments of the operator.
func (w *World) buildKube() {
	for _, d := range []Deployment{
		{Name: "virtengine-api", Image: "virtengine/api:1.0.0", Replicas: 3},
		{Name: "provider-daemon", Image: "virtengine/provider-daemon:1.0.0", Replicas: 2},
	} {
		d.Namespace = KubeNamespace
		for i := range d.Replicas {
			d.Pods = append(d.Pods, Pod{Name: w.podName(d, i), Ready: w.Start.Add(-time.Hour)})
		}
		w.Deployments = append(w.Deployments, &d)
	}
}

func (w *World) podName(d Deployment, i int) string {
	return fmt.Sprintf("%s-%s", d.Name, w.Hex("pod", d.Name, strconv.Itoa(d.Scaled), strconv.Itoa(i))[:10])
}

// Deployment is the deployment of that name in a namespace, or nil.
func (w *World) Deployment(namespace, name string) *Deployment {
	for _, d := range w.Deployments {
		if d.Name == name && d.Namespace == namespace {
			return d
		}
	}
	return nil
}

// Serving is how many pods of the deployment are ready now.
func (w *World) Serving(d *Deployment) int {
	n := 0
	for _, p := range d.Pods {
		if !p.Ready.After(w.Now) {
			n++
		}
	}
	return n
}

// Scale asks for n replicas. Pods that are too many end at once, the newest
// first; new ones take some seconds until they are ready, one after the other.
func (w *World) Scale(d *Deployment, n int) {
	d.Replicas = n
	d.Scaled++
	if len(d.Pods) > n {
		d.Pods = append(d.Pods[:0:0], d.Pods[:n]...)
	}
	at := w.Now
	for i := len(d.Pods); i < n; i++ {
		at = at.Add(w.between(2*time.Second, 4*time.Second, "pod", d.Name, strconv.Itoa(d.Scaled), strconv.Itoa(i)))
		d.Pods = append(d.Pods, Pod{Name: w.podName(*d, i), Ready: at})
		w.after(Event{At: at, Kind: evWriters})
	}
	w.writersChanged()
	w.Touched()
}

// Namespaces are the names of the namespaces that hold deployments, sorted.
func (w *World) Namespaces() []string {
	seen := map[string]bool{}
	var out []string
	for _, d := range w.Deployments {
		if !seen[d.Namespace] {
			seen[d.Namespace] = true
			out = append(out, d.Namespace)
		}
	}
	sort.Strings(out)
	return out
}
