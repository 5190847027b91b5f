title = You asked for your data to be erased
body = Days to change your mind: { $days }. Take the request back in “My data”. If it was not you, take it back and sign out everywhere.
push-title = A request to erase your data
push-body = { $days ->
    [one] You have { $days } day to change your mind.
   *[other] You have { $days } days to change your mind.
} Was it not you? Take it back in the app.
sms = We were asked to erase your data. Was it not you? Take it back in the app My Health, you have { $days ->
    [one] { $days } day.
   *[other] { $days } days.
}
email-subject = My Health: a request to erase your data
email-body = { $days ->
    [one] You have { $days } day to change your mind.
   *[other] You have { $days } days to change your mind.
} If it was not you, take the request back in the app My Health and sign out everywhere.
