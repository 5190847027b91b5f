title = Вы записаны: { $specialty }
body = { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }.
