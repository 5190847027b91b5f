title = The answer to complaint No. { $number }
body = The answer is ready. It is under “Complaints”, where you can also object.
push-title = Your complaint is answered
push-body = No. { $number }. Read the answer in the app.
sms = The answer to complaint No. { $number } is ready. Read it in the app My Health.
email-subject = My Health: the answer to complaint No. { $number }
email-body = The answer is ready. Read it in the app My Health, under “Complaints”.
