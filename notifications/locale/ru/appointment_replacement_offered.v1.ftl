title = Клиника отменила приём и предлагает другой: { $specialty }
body = Отменено: { $date } в { $time }. Врач: { $doctor }. { $clinic }, { $address }. Взамен: { $offered_date } в { $offered_time } ({ $place_of_time }, местное время). Врач: { $offered_doctor }. { $offered_clinic }, { $offered_address }. Место держим за вами до { $deadline_time } { $deadline_day }.
push-title = Отмена, есть предложение взамен
push-body = Отменено: { $day } в { $time }. Ответьте на предложение до { $deadline_time } { $deadline_day }.
sms = Отмена: { $day } в { $time }. Есть предложение взамен, ответьте до { $deadline_time } { $deadline_day } в «Моём здоровье».
email-subject = «Моё здоровье»: отмена, есть предложение взамен
email-body = Отменено: { $day } в { $time } ({ $place_of_time }, местное время). Есть предложение взамен. Ответьте до { $deadline_time } { $deadline_day } в приложении «Моё здоровье».
