title = The copy of your data is ready
body = Download it in “My data” before its term ends.
