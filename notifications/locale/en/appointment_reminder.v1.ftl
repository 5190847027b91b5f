title = Reminder: { $specialty }, { $day }
body = { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }. If you cannot come, please cancel: somebody else needs the time.
push-title = Reminder
push-body = { $day } at { $time }. The details are in the app.
sms = Reminder: { $day } at { $time } (local time). The details are in the app My Health.
email-subject = My Health: reminder
email-body = A reminder: { $day } at { $time } ({ $place_of_time } local time). The details are in the app My Health.
