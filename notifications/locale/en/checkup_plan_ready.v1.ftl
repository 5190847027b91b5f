title = The plan of your check-up is ready
body = { $examinations ->
    [one] { $examinations } examination
   *[other] { $examinations } examinations
}, { $dates }. { $clinic }, { $address }. Their order and how to prepare are under “Check-ups”.
push-title = New message
push-body = Your plan is ready. The details are in the app.
email-subject = My Health: your plan is ready
email-body = Your plan is ready. Open it in the app My Health.
