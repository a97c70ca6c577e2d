package shell

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/virtengine/relight/drill/world"
)

// cmdKubectl is kubectl, as far as runbooks use it: get, scale and rollout
// status of deployments, and get pods. It is to be had on the control host
// alone, where its credentials lie.
func cmdKubectl(c *call) int {
	if !c.control() {
		return 127
	}
	f, err := parseFlags(c.args, "n= namespace= o= output= replicas= current-replicas= timeout= l= selector= no-headers A all-namespaces")
	if err != nil {
		return c.kubeFail("%v", err)
	}
	if len(f.rest) == 0 {
		return c.kubeFail("a command is needed: get, scale or rollout")
	}
	space := f.last("n", "namespace")
	if space == "" {
		space = "default"
	}
	switch verb, args := f.rest[0], f.rest[1:]; verb {
	case "get":
		return c.kubeGet(f, space, args)
	case "scale":
		return c.kubeScale(f, space, args)
	case "rollout":
		return c.kubeRollout(f, space, args)
	default:
		return c.kubeFail("unknown command %q for \"kubectl\"", verb)
	}
}

func (c *call) kubeFail(format string, args ...any) int {
	c.errf("error: %s\n", fmt.Sprintf(format, args...))
	return 1
}

// kubeName reads "deployment NAME", "deployment/NAME" or the kind alone.
func kubeName(args []string) (kind, name string) {
	if len(args) == 0 {
		return "", ""
	}
	kind, name, _ = strings.Cut(args[0], "/")
	if name == "" && len(args) > 1 {
		name = args[1]
	}
	switch kind {
	case "deploy", "deployments", "deployment.apps", "deployments.apps":
		kind = "deployment"
	case "pod", "po":
		kind = "pods"
	}
	return kind, name
}

// deployment gives f the deployment, or says that there is none.
func (c *call) deployment(space, name string, f func(*world.World, *world.Deployment)) int {
	found := false
	c.on(func(w *world.World, _ *world.Host) {
		if d := w.Deployment(space, name); d != nil {
			found = true
			f(w, d)
		}
	})
	if !found {
		c.errf("Error from server (NotFound): deployments.apps %q not found\n", name)
		return 1
	}
	return 0
}

// kubeStatus is a deployment as kubectl -o json shows it, the part runbooks read.
type kubeStatus struct {
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	Spec struct {
		Replicas int `json:"replicas"`
	} `json:"spec"`
	Status struct {
		Replicas  int `json:"replicas"`
		Ready     int `json:"readyReplicas"`
		Available int `json:"availableReplicas"`
	} `json:"status"`
}

func statusOf(w *world.World, d *world.Deployment) kubeStatus {
	var s kubeStatus
	s.Metadata.Name, s.Metadata.Namespace = d.Name, d.Namespace
	s.Spec.Replicas, s.Status.Replicas = d.Replicas, len(d.Pods)
	s.Status.Ready = w.Serving(d)
	s.Status.Available = s.Status.Ready
	return s
}

func (c *call) kubeGet(f flags, space string, args []string) int {
	kind, name := kubeName(args)
	switch {
	case kind == "pods":
		return c.kubePods(f, space)
	case kind != "deployment":
		return c.kubeFail("the server doesn't have a resource type %q", kind)
	}
	var list []kubeStatus
	if name != "" {
		if code := c.deployment(space, name, func(w *world.World, d *world.Deployment) { list = append(list, statusOf(w, d)) }); code != 0 {
			return code
		}
	} else {
		c.on(func(w *world.World, _ *world.Host) {
			for _, d := range w.Deployments {
				if d.Namespace == space || f.has("A", "all-namespaces") {
					list = append(list, statusOf(w, d))
				}
			}
		})
	}
	return c.kubePrint(f, name, list)
}

func (c *call) kubePrint(f flags, name string, list []kubeStatus) int {
	out := f.last("o", "output")
	path, isPath := strings.CutPrefix(out, "jsonpath=")
	switch {
	case isPath && name != "":
		s := list[0]
		text := strings.NewReplacer("{.spec.replicas}", strconv.Itoa(s.Spec.Replicas), "{.status.replicas}", zeroless(s.Status.Replicas),
			"{.status.readyReplicas}", zeroless(s.Status.Ready), "{.status.availableReplicas}", zeroless(s.Status.Available),
			"{.metadata.name}", s.Metadata.Name).Replace(path)
		if strings.Contains(text, "{") {
			return c.kubeFail("error parsing jsonpath %s: this rehearsal knows spec.replicas and status's counts", path)
		}
		c.outf("%s", text)
	case out == "json" && name != "":
		b, err := json.MarshalIndent(list[0], "", "    ")
		if err != nil {
			return c.kubeFail("%v", err)
		}
		c.outf("%s\n", b)
	case out == "name":
		for _, s := range list {
			c.outf("deployment.apps/%s\n", s.Metadata.Name)
		}
	case out == "":
		if !f.has("no-headers") {
			c.outf("%-20s READY   UP-TO-DATE   AVAILABLE\n", "NAME")
		}
		for _, s := range list {
			c.outf("%-20s %d/%d     %d            %d\n", s.Metadata.Name, s.Status.Ready, s.Spec.Replicas, s.Status.Replicas, s.Status.Available)
		}
	default:
		return c.kubeFail("unable to match a printer suitable for the output format %q", out)
	}
	return 0
}

// zeroless is a count as the API writes it: a zero is left out.
func zeroless(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (c *call) kubePods(f flags, space string) int {
	app := strings.TrimPrefix(f.last("l", "selector"), "app=")
	if f.last("o", "output") == "" && !f.has("no-headers") {
		c.outf("%-34s READY   STATUS\n", "NAME")
	}
	c.on(func(w *world.World, _ *world.Host) {
		for _, d := range w.Deployments {
			if d.Namespace != space || app != "" && app != d.Name {
				continue
			}
			for _, p := range d.Pods {
				ready, status := "1/1", "Running"
				if p.Ready.After(w.Now) {
					ready, status = "0/1", "Pending"
				}
				if f.last("o", "output") == "name" {
					c.outf("pod/%s\n", p.Name)
					continue
				}
				c.outf("%-34s %s     %s\n", p.Name, ready, status)
			}
		}
	})
	return 0
}

func (c *call) kubeScale(f flags, space string, args []string) int {
	kind, name := kubeName(args)
	n, err := strconv.Atoi(f.last("replicas"))
	switch {
	case kind != "deployment" || name == "":
		return c.kubeFail("required resource not specified: kubectl scale deployment NAME --replicas=N")
	case err != nil || n < 0 || n > 100:
		return c.kubeFail("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
	}
	mismatch := ""
	code := c.deployment(space, name, func(w *world.World, d *world.Deployment) {
		if want := f.last("current-replicas"); want != "" && want != strconv.Itoa(d.Replicas) {
			mismatch = fmt.Sprintf("Expected replicas to be %s, was %d", want, d.Replicas)
			return
		}
		w.Scale(d, n)
	})
	switch {
	case code != 0:
		return code
	case mismatch != "":
		return c.kubeFail("%s", mismatch)
	}
	c.outf("deployment.apps/%s scaled\n", name)
	return 0
}

// kubeRollout waits, in the time of the world, until all replicas are ready.
func (c *call) kubeRollout(f flags, space string, args []string) int {
	if len(args) == 0 || args[0] != "status" {
		return c.kubeFail("this rehearsal knows rollout status")
	}
	kind, name := kubeName(args[1:])
	if kind != "deployment" || name == "" {
		return c.kubeFail("required resource not specified")
	}
	limit := time.Hour
	if t := f.last("timeout"); t != "" {
		d, err := time.ParseDuration(t)
		if err != nil {
			return c.kubeFail("invalid argument %q for \"--timeout\"", t)
		}
		if d > 0 {
			limit = d
		}
	}
	for waited := time.Duration(0); ; waited += time.Second {
		ready, want := 0, 0
		if code := c.deployment(space, name, func(w *world.World, d *world.Deployment) { ready, want = w.Serving(d), d.Replicas }); code != 0 {
			return code
		}
		if ready == want {
			c.outf("deployment %q successfully rolled out\n", name)
			return 0
		}
		if waited == 0 {
			c.outf("Waiting for deployment %q rollout to finish: %d of %d updated replicas are available...\n", name, ready, want)
		}
		if waited >= limit {
			return c.kubeFail("timed out waiting for the condition")
		}
		if err := c.m.Sleep(c.ctx, time.Second); err != nil {
			return 143
		}
	}
}
