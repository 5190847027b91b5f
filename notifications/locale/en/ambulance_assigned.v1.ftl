title = An ambulance crew is on its way to you
body = Expect it in { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }, { $place_of_time } local time). If it gets worse, call 103 or 112.
push-title = Help is on its way
push-body = In about { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }). If it gets worse, call 112.
sms = Help is on its way: in { $eta_from_minutes }-{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }). If it gets worse, call 112.
