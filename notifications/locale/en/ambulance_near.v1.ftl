title = The ambulance crew is near
body = It will be there in { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }, { $place_of_time } local time). If you can, meet it and have your papers ready. If it gets worse, call 103 or 112.
push-title = Help is near
push-body = In about { $eta_from_minutes }–{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }). Meet it if you can.
sms = Help is near: in { $eta_from_minutes }-{ $eta_to_minutes } { $eta_to_minutes ->
    [one] minute
   *[other] minutes
} (as of { $known_time }). Meet it if you can. If it gets worse, call 112.
