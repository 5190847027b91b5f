title = Appointment booked: { $specialty }
body = { $date } at { $time } ({ $place_of_time } local time). Doctor: { $doctor }. { $clinic }, { $address }.
