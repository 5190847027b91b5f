title = Срок ответа на обращение № { $number } продлён
body = На { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}: ответ будет не позже { $answer_date }. Продлить срок можно только один раз.
push-title = Срок ответа продлён
push-body = № { $number }. Ответ — не позже { $answer_day }.
email-subject = «Моё здоровье»: срок ответа на обращение № { $number } продлён
email-body = На { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}: ответ будет не позже { $answer_date }. Продлить срок можно только один раз.
