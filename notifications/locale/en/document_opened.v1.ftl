title = Your document was opened
body = { $document }. By: { $reader }. When: { $opened_date } at { $opened_time } ({ $place_of_time } local time). The access log has it all.
push-title = Your document was opened
push-body = Who and when is in the access log.
email-subject = My Health: your document was opened
email-body = It was on { $opened_day } at { $opened_time }. The access log in the app My Health says who it was.
