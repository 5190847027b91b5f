title = Обращение № { $number } зарегистрировано
body = Зарегистрировано { $registered_date }. Ответ будет не позже { $answer_date }.
push-title = Обращение зарегистрировано
push-body = № { $number }. Ответ — не позже { $answer_day }.
email-subject = «Моё здоровье»: обращение № { $number } зарегистрировано
email-body = Зарегистрировано { $registered_date }. Ответ будет не позже { $answer_date }. За ходом можно следить в приложении «Моё здоровье».
