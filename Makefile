# make prints what there is; make run flies the first drill; make test passes the tests.
SHELL := /bin/sh
GO    ?= go
LAB   ?= lab/one
# The race detector needs a C compiler; .ci/says is loud where there is none.
RACE  := $(shell command -v cc >/dev/null 2>&1 && echo -race)
TESTFLAGS ?= $(RACE) -timeout 20m

.PHONY: help run build test lint bench lab lab-down pictures keys setup

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## bin/relight, one static file
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/relight .

run: build ## fly the first drill on the built-in fleet
	@./bin/relight drill $(ARGS)

setup: ## install what the tests need (as root on Debian; elsewhere says what is missing)
	@sh .ci/setup

test: setup lint ## everything: rules, rooms, real sshd, a real chain
	@sh .ci/says
	$(GO) test $(TESTFLAGS) ./... ./testdata/lab/... ./testdata/pictures
	$(GO) test -count=1 -v -run MutationsAreNotSilent ./checklists
	$(GO) test -count=1 -run 'LibraryFlies|OtherWays' ./cli

lint: ## gofmt, vet
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "gofmt these files"; exit 1; }
	$(GO) vet ./... ./testdata/lab/... ./testdata/pictures

bench: ## measured promises, ratios side by side in one run
	$(GO) test -run '^$$' -bench . -benchtime 1s ./...

lab: ## a real chain with real sshd on loopback; LIVE=1: as a live fleet; LAB=DIR
	$(GO) run ./testdata/lab up -dir $(LAB) $(if $(LIVE),-live)

pictures: build ## docs/pictures, from the real screen in tmux, three minutes; ARGS='-only hosts' flies one
	$(GO) run ./testdata/pictures $(ARGS)

keys: ## docs/keys.md, from the key map
	$(GO) test ./tui -run KeysAreDocumented -update

lab-down: ## end it
	$(GO) run ./testdata/lab down -dir $(LAB)
