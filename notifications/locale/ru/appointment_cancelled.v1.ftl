title = Запись отменена: { $specialty }
body = { $reason ->
    [patient_decline] Вы отменили приём
    [mo_decline] Клиника отменила приём
    [no_free_space] Клиника отменила приём: нет свободных мест
   *[other_reasons] Отменён приём
}: { $date } в { $time } ({ $place_of_time }, местное время). Врач: { $doctor }. { $clinic }, { $address }.
