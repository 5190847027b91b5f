title = Вам перезвонят из 122
body = { $date } с { $time } до { $deadline_time } ({ $place_of_time }, местное время). Если передумали, отмените звонок в приложении.
push-title = Вам перезвонят
push-body = { $day } с { $time } до { $deadline_time }. Отменить — в приложении.
