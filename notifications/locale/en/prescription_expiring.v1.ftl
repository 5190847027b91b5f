title = A prescription ends soon: { $drug }
body = { $days ->
    [0] Today is its last day
    [one] { $days } day is left
   *[other] { $days } days are left
}: it is good up to and including { $expires_date }. You can ask for a renewal under “Medicines”.
push-title = Reminder
push-body = { $days ->
    [0] Today is the last day. The details are in the app.
    [one] { $days } day is left. The details are in the app.
   *[other] { $days } days are left. The details are in the app.
}
email-subject = My Health: reminder
email-body = A term ends on { $expires_date }. The details are in the app My Health.
