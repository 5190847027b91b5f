title = { $side ->
    [representative] You are invited to act for another person
   *[person] You have invited somebody to act for you
}
body = { $side ->
    [representative] Accept or decline under “For whom I act”.
   *[person] Hand the code over. Until they accept you can take the invitation back.
}
