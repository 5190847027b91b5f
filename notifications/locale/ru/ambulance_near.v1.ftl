title = Бригада скорой помощи рядом
body = Будет через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (по данным на { $known_time }, { $place_of_time }, местное время). Если можете, встретьте её и приготовьте документы. Стало хуже — звоните 103 или 112.
push-title = Помощь рядом
push-body = Примерно через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (данные на { $known_time }). Если можете, встретьте.
sms = Помощь рядом: через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (данные на { $known_time }). Если можете, встретьте. Стало хуже — звоните 112.
