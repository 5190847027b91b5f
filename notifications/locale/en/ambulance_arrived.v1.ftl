title = The ambulance crew has arrived
body = It arrived at { $arrived_time } ({ $place_of_time } local time). If you do not see it, call 103 or 112.
push-title = Help has arrived
push-body = At { $arrived_time }. Nobody there? Call 112.
sms = Help has arrived, at { $arrived_time }. Nobody there? Call 112.
