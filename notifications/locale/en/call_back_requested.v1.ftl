title = 122 will call you back
body = { $date } from { $time } to { $deadline_time } ({ $place_of_time } local time). If you changed your mind, cancel the call in the app.
push-title = You will be called back
push-body = { $day } from { $time } to { $deadline_time }. Cancel it in the app.
