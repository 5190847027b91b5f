title = Бригада скорой помощи едет к вам
body = Приедет через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (по данным на { $known_time }, { $place_of_time }, местное время). Стало хуже — звоните 103 или 112.
push-title = К вам едут
push-body = Примерно через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (данные на { $known_time }). Стало хуже — звоните 112.
sms = Помощь едет: через { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] минуту
    [few] минуты
   *[many] минут
} (на { $known_time }). Стало хуже — звоните 112.
