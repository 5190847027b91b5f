title = Complaint No. { $number } is registered
body = Registered on { $registered_date }. You will be answered by { $answer_date }.
push-title = Complaint registered
push-body = No. { $number }. The answer: by { $answer_day }.
email-subject = My Health: complaint No. { $number } is registered
email-body = Registered on { $registered_date }. You will be answered by { $answer_date }. You can follow it in the app My Health.
