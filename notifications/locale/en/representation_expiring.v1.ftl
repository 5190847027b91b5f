title = { $side ->
    [representative] Soon you cannot act for another person
   *[person] Soon another person cannot act for you
}
body = The access ends by itself: { $date } at { $time } ({ $place_of_time } local time).
push-title = An access ends soon
push-body = { $day } at { $time }. The details are in the app.
email-subject = My Health: an access ends soon
email-body = { $side ->
    [representative] You can act for another person
   *[person] Another person can act for you
} until { $time } on { $day } ({ $place_of_time } local time).
