title = The copy of your data could not be made
body = Ask for it again in “My data”. If that fails too, write to the support.
