title = { $side ->
    [representative] You act for another person
   *[person] Another person can act for you
}
body = { $side ->
    [representative] From now on you can switch to them in the app. They see what you looked at and did.
   *[person] See who it is and what they may do under “Who acts for me”. Everything they do is in your access log.
}
