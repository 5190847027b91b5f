title = Appointment cancelled: { $specialty }
body = { $reason ->
    [patient_decline] You cancelled the appointment
    [mo_decline] The clinic cancelled the appointment
    [no_free_space] The clinic cancelled the appointment for lack of free places
   *[other_reasons] The appointment was cancelled
}: { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }.
push-title = Cancelled
push-body = Cancelled: { $day } at { $time }. The details are in the app.
sms = Cancelled: { $day } at { $time } (local time). The details are in the app My Health.
email-subject = My Health: cancelled
email-body = Cancelled: { $day } at { $time } ({ $place_of_time } local time). The details are in the app My Health.
