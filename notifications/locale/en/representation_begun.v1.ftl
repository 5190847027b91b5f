title = { $side ->
    [representative] You act for another person
   *[person] Another person can act for you
}
body = { $side ->
    [representative] From now on you can switch to them in the app. They see what you looked at and did.
   *[person] See who it is and what they may do under “Who acts for me”. Everything they do is in your access log.
}
push-title = { $side ->
    [representative] You act for another person
   *[person] Another person can act for you
}
push-body = The details are in the app.
sms = { $side ->
    [representative] You act for another person now. The details are in the app My Health.
   *[person] Another person can act for you now. You did not allow that? Close the access in the app My Health.
}
email-subject = My Health: the right to act for another person
email-body = { $side ->
    [representative] You act for another person now. The details are in the app My Health.
   *[person] Another person can act for you now. If you did not allow that, close the access in the app My Health.
}
