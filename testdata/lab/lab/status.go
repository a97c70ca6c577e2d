package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Status is what a node says of itself.
type Status struct {
	Height     int64
	CatchingUp bool
	Address    string // of the key it runs with
}

// Status asks a host's node, directly.
func (h Host) Status(ctx context.Context) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var r struct {
		Result struct {
			Sync struct {
				Height     string `json:"latest_block_height"`
				CatchingUp bool   `json:"catching_up"`
			} `json:"sync_info"`
			Validator struct {
				Address string `json:"address"`
			} `json:"validator_info"`
		} `json:"result"`
	}
	if err := getJSON(ctx, h.RPCURL()+"/status", &r); err != nil {
		return Status{}, err
	}
	n, err := strconv.ParseInt(r.Result.Sync.Height, 10, 64)
	return Status{Height: n, CatchingUp: r.Result.Sync.CatchingUp, Address: r.Result.Validator.Address}, err
}

func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: HTTP %d", url, resp.StatusCode)
	}
	return json.Unmarshal(b, into)
}
