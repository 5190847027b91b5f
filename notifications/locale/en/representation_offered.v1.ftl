title = { $side ->
    [representative] You are invited to act for another person
   *[person] You have invited somebody to act for you
}
body = { $side ->
    [representative] Accept or decline under “For whom I act”.
   *[person] Hand the code over. Until they accept you can take the invitation back.
}
push-title = { $side ->
    [representative] You are invited to act for another person
   *[person] You have invited somebody to act for you
}
push-body = { $side ->
    [representative] Accept or decline in the app.
   *[person] Was it not you? Take the invitation back in the app.
}
email-subject = My Health: an invitation to act for another person
email-body = { $side ->
    [representative] You are invited to act for another person. Answer in the app My Health.
   *[person] You have invited somebody to act for you. If it was not you, take the invitation back in the app My Health.
}
