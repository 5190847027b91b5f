title = Запись перенесена: { $specialty }
body = Было: { $earlier_date } в { $earlier_time }. Теперь: { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }.
push-title = Перенос
push-body = Теперь { $day } в { $time }. Подробности — в приложении.
sms = Перенос: теперь { $day } в { $time } (местное время). Подробности — в приложении «Моё здоровье».
email-subject = «Моё здоровье»: перенос
email-body = Новое время: { $day } в { $time } ({ $place_of_time }, местное время). Подробности — в приложении «Моё здоровье».
