package main

// theme is the terminal that the picture shows: what its 16 colours, its ground
// and its ink look like.
type theme struct {
	colours          [16]string
	ground, ink      string
	edge             string // around the picture: it stands on light and on dark pages
	strip, cap, said string // below a film: ground, key caps, words
}

// dark is a terminal with a dark ground.
func dark() theme {
	return theme{
		colours: [16]string{"#16181a", "#c23c3c", "#8abe6f", "#e0b050", "#4f86c6", "#b97fc9", "#5fb3b3", "#c5c8c6",
			"#7b8187", "#e06c6c", "#a6d98a", "#f0c674", "#8fb8e8", "#d0a0e0", "#7fd6d6", "#ffffff"},
		ground: "#1d1f21", ink: "#d5d8d6", edge: "#4a4f54", strip: "#2a2d30", cap: "#f0c674", said: "#aeb4b8",
	}
}

// light is a terminal with a light ground.
func light() theme {
	return theme{
		colours: [16]string{"#1f2328", "#c2252f", "#116329", "#f2cc60", "#0a4a9e", "#c9a0e8", "#0b6a70", "#6e7781",
			"#7d858e", "#a40e26", "#1a7f37", "#f5dd90", "#0969da", "#d2a8f0", "#0a6b8f", "#ffffff"},
		ground: "#ffffff", ink: "#1f2328", edge: "#c4cad0", strip: "#f0f2f4", cap: "#0a4a9e", said: "#57606a",
	}
}
