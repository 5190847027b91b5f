title = The clinic cancelled an appointment and offers another: { $specialty }
body = Cancelled: { $date } at { $time }. Doctor: { $doctor }. { $clinic }, { $address }. Instead: { $offered_date } at { $offered_time } ({ $place_of_time } local time). Doctor: { $offered_doctor }. { $offered_clinic }, { $offered_address }. The place is kept for you until { $deadline_time } on { $deadline_day }.
push-title = Cancelled, with an offer instead
push-body = Cancelled: { $day } at { $time }. Answer the offer by { $deadline_time } on { $deadline_day }.
sms = Cancelled: { $day } at { $time }. There is an offer instead, answer by { $deadline_time } on { $deadline_day } in My Health.
email-subject = My Health: cancelled, with an offer instead
email-body = Cancelled: { $day } at { $time } ({ $place_of_time } local time). There is an offer instead. Answer by { $deadline_time } on { $deadline_day } in the app My Health.
