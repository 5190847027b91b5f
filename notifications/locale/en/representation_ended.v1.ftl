title = { $side ->
    [representative] You do not act for another person any more
   *[person] Another person does not act for you any more
}
body = { $side ->
    [representative] The access is closed.
   *[person] The access is closed. What they did remains in your access log.
}
push-title = { $side ->
    [representative] You do not act for another person any more
   *[person] Another person does not act for you any more
}
push-body = The access is closed.
email-subject = My Health: the access is closed
email-body = { $side ->
    [representative] You do not act for another person any more: the access is closed.
   *[person] Another person does not act for you any more: the access is closed.
}
