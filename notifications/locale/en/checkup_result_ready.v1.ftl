title = The results of your check-up are ready
body = { $clinic }, { $finished_date }. { $second_stage ->
    [yes] The doctor advises the second stage: further examinations. You can book them under “Check-ups”.
   *[no] No second stage is needed. The results and the doctor’s advice are under “Check-ups”.
}
push-title = New message
push-body = The details are in the app.
email-subject = My Health: new message
email-body = There is a new message for you. Read it in the app My Health.
