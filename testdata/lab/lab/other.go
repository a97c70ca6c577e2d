//go:build !linux

package lab

import "context"

// Up says ErrPlatform: the hosts need a child subreaper and /proc.
func Up(context.Context, Options) (*Lab, error) { return nil, ErrPlatform }

// Down says ErrPlatform.
func Down(string) error { return ErrPlatform }

// Clean says ErrPlatform.
func Clean(string) error { return ErrPlatform }

// Ctl says ErrPlatform.
func (l *Lab) Ctl(context.Context, string, ...string) (string, error) { return "", ErrPlatform }
