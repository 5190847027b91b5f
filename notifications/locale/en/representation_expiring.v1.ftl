title = { $side ->
    [representative] Soon you cannot act for another person
   *[person] Soon another person cannot act for you
}
body = The access ends by itself: { $date } at { $time } ({ $place_of_time } local time).
