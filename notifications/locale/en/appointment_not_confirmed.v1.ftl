title = Not booked: { $specialty }
body = The clinic did not confirm the appointment: { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }. Choose another time.
push-title = Not confirmed
push-body = Not confirmed: { $day } at { $time }. The details are in the app.
sms = Not confirmed: { $day } at { $time } (local time). The details are in the app My Health.
email-subject = My Health: not confirmed
email-body = Not confirmed: { $day } at { $time } ({ $place_of_time } local time). The details are in the app My Health.
