title = Вы записаны: { $specialty }
body = { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }.
push-title = Новое сообщение
push-body = Всё подтверждено. Подробности — в приложении.
email-subject = «Моё здоровье»: новое сообщение
email-body = Подтверждено: { $day } в { $time } ({ $place_of_time }, местное время). Подробности — в приложении «Моё здоровье».
