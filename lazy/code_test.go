package lazy_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryPatternCompiles reads the whole of relight: an expression that is
// wrong must fail here, not when somebody first needs it.
func TestEveryPatternCompiles(t *testing.T) {
	found := 0
	eachFile(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isPattern(call.Fun) {
				return true
			}
			expr, ok := text(call.Args[0])
			switch {
			case !ok && path == filepath.Join("comms", "refuse.go"): // its table is walked for every message
			case !ok:
				t.Errorf("%s: the expression is not written out: use package regexp", path)
			default:
				found++
				if _, err := regexp.Compile(expr); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
			return true
		})
	})
	if found < 100 {
		t.Errorf("only %d expressions were found: the test looks in the wrong place", found)
	}
}

// TestNoTemplates: templates look methods up by name, so that the linker keeps
// every method of every type; the program grew by 6 MB of mapped pages and 2 ms
// of start when one room used them.
func TestNoTemplates(t *testing.T) {
	eachFile(t, func(path string, file *ast.File) {
		for _, i := range file.Imports {
			if p := strings.Trim(i.Path.Value, `"`); p == "text/template" || p == "html/template" {
				t.Errorf("%s imports %s", path, p)
			}
		}
	})
}

// eachFile is every file of the program itself.
func eachFile(t *testing.T, look func(path string, file *ast.File)) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return skip(err)
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err == nil {
			look(strings.TrimPrefix(path, ".."+string(filepath.Separator)), file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func skip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

func isPattern(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	room, ok := sel.X.(*ast.Ident)
	return ok && room.Name == "lazy" && sel.Sel.Name == "Pattern"
}

// text is a literal, or literals put together.
func text(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		return constant.StringVal(constant.MakeFromLiteral(x.Value, x.Kind, 0)), true
	case *ast.BinaryExpr:
		a, okA := text(x.X)
		b, okB := text(x.Y)
		return a + b, okA && okB
	}
	return "", false
}
