title = Appointment moved: { $specialty }
body = It was { $earlier_date } at { $earlier_time }. It is now { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }.
push-title = Moved
push-body = Now { $day } at { $time }. The details are in the app.
sms = Moved: now { $day } at { $time } (local time). The details are in the app My Health.
email-subject = My Health: moved
email-body = The new time: { $day } at { $time } ({ $place_of_time } local time). The details are in the app My Health.
