title = The review of an access is finished
body = Its outcome stands in the access log.
