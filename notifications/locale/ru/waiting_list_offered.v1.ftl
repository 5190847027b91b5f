title = Освободилось время: { $specialty }
body = { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }. Место держим за вами до { $deadline_time } { $deadline_day }. Если откажетесь, ваша очередь сохранится.
push-title = Есть предложение для вас
push-body = { $day } в { $time }. Ответьте до { $deadline_time } { $deadline_day }.
sms = Есть предложение для вас: { $day } в { $time }. Ответьте до { $deadline_time } { $deadline_day } в «Моём здоровье».
email-subject = «Моё здоровье»: есть предложение для вас
email-body = Предложение: { $day } в { $time } ({ $place_of_time }, местное время). Ответьте до { $deadline_time } { $deadline_day } в приложении «Моё здоровье».
