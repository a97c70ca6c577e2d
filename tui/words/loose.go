package words

// Loose is what to know where nothing keeps the session.
func Loose(drill bool) string {
	back := "relight"
	if drill {
		back = "relight drill"
	}
	return "Neither tmux nor screen holds this session: if the line drops, relight ends; the incident stays open and `" + back + "` resumes it."
}

// LooseShort is Loose for one row of eighty cells.
const LooseShort = "Neither tmux nor screen here: if the line drops, relight ends."
