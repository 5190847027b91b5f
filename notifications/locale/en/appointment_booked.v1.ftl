title = Appointment booked: { $specialty }
body = { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }.
push-title = New message
push-body = All is confirmed. The details are in the app.
email-subject = My Health: new message
email-body = Confirmed: { $day } at { $time } ({ $place_of_time } local time). The details are in the app My Health.
