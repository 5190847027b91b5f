title = A time is free now: { $specialty }
body = { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }. The place is kept for you until { $deadline_time } on { $deadline_day }. If you decline, you keep your place in the list.
push-title = There is an offer for you
push-body = { $day } at { $time }. Answer by { $deadline_time } on { $deadline_day }.
sms = There is an offer for you: { $day } at { $time }. Answer by { $deadline_time } on { $deadline_day } in My Health.
email-subject = My Health: there is an offer for you
email-body = The offer: { $day } at { $time } ({ $place_of_time } local time). Answer by { $deadline_time } on { $deadline_day } in the app My Health.
