title = The request for erasure was taken back
body = Your data stay. You can ask again on any day.
