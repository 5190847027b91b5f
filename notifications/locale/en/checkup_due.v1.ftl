title = { $programme ->
    [dispensarisation] Your check-up is due
    [in_depth] Your in-depth check-up is due
   *[preventive_exam] Your preventive exam is due
}
body = It is free by your OMS policy. You can have it until { $due_date }. The plan and the booking are under “Check-ups”.
push-title = Reminder
push-body = The term: { $due_day }. The details are in the app.
email-subject = My Health: reminder
email-body = The term is { $due_date }. The details are in the app My Health.
