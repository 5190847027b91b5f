title = Готов план диспансеризации
body = { $examinations ->
    [one] { $examinations } исследование
    [few] { $examinations } исследования
   *[many] { $examinations } исследований
}, { $dates }. { $clinic }, { $address }. Порядок и подготовка — в разделе «Диспансеризация».
push-title = Новое сообщение
push-body = Ваш план готов. Подробности — в приложении.
email-subject = «Моё здоровье»: ваш план готов
email-body = Ваш план готов. Откройте его в приложении «Моё здоровье».
