title = You asked for your data to be erased
body = Days to change your mind: { $days }. Take the request back in “My data”. If it was not you, take it back and sign out everywhere.
