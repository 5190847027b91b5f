title = Запись отменена: { $specialty }
body = { $reason ->
    [patient_decline] Вы отменили приём
    [mo_decline] Клиника отменила приём
    [no_free_space] Клиника отменила приём: нет свободных мест
   *[other_reasons] Отменён приём
}: { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }.
push-title = Отмена
push-body = Отменено: { $day } в { $time }. Подробности — в приложении.
sms = Отмена: { $day } в { $time } (местное время). Подробности — в приложении «Моё здоровье».
email-subject = «Моё здоровье»: отмена
email-body = Отменено: { $day } в { $time } ({ $place_of_time }, местное время). Подробности — в приложении «Моё здоровье».
