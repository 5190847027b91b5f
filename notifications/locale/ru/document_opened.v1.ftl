title = Ваш документ открыли
body = { $document }. Кто: { $reader }. Когда: { $opened_date } в { $opened_time } ({ $place_of_time }, местное время). Всё видно в журнале доступа.
push-title = Ваш документ открыли
push-body = Кто и когда — в журнале доступа.
email-subject = «Моё здоровье»: ваш документ открыли
email-body = Это было { $opened_day } в { $opened_time }. Кто это был, видно в журнале доступа, в приложении «Моё здоровье».
